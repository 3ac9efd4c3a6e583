#!/usr/bin/env python3
"""Fits the built-in text vectors to what customers say:

  fit_matters.py --start VECTORS --train DIR --out src/engine/text/vectors.bin

The second step after fit_vectors.py, offline and seeded. A general teacher knows that "the door code never came" and "locked
out again" are different sentences, not that customers who say either want the same thing. So this step moves the rows such
that a text is nearer to other texts of its matter than to texts of other matters. Needs exactly

  pip install numpy==2.4.6 scipy==1.17.1

VECTORS is a file that fit_vectors.py wrote. The texts are tools/matters/*.tsv, a line each: the matter and what a customer
said, in English or Korean. A matter "trade/matter" is of one trade; its texts are told apart from all others of the trade, as
the engine tells apart what the customers of one product say. Other matters are those of the tables in src/engine/text/
(phrases.tsv, tables.tsv), and are told apart from a random choice of the tables' matters. One batch in TRANSLATED holds
translations instead, each pair told apart from the other pairs, so that the two languages stay one space; these are the files
pairs_ko_en*.tsv of DIR, the folder that fit_vectors.py reads.

Loss: the supervised contrastive loss (Khosla et al. 2020) of the vectors as the engine compares them (unit sums of rows
without the mean of the language, which counts as if PRIOR empty texts had come first), plus PULL / 2 times the squared
distance of each row that a batch uses from where it started. So rows of words that no text holds stay where they are.
"""
import argparse
import collections
import glob
import os
import struct

import numpy as np
from scipy.sparse import csr_matrix

from fit_vectors import SIZE, entries, is_korean, read_pieces, tokens, write

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 200           # word pieces of a text
MATTERS = 30            # of the tables, in a batch
TRANSLATED, PAIRS, READ = 4, 120, 40_000
TEMPERATURE = 0.1
PULL = 3e-3
RATE, STEPS = 1e-3, 1_500
PRIOR = 50              # MEAN_PRIOR in src/engine/text/embed.rs
SEED = 0


def read_rows(path, count):
    """The rows of a file that fit_vectors.py wrote."""
    data = open(path, "rb").read()
    size, pieces, text = struct.unpack_from("<III", data, 4)
    assert data[:4] == b"HBV2" and (size, pieces) == (SIZE, count)
    scales = 16 + text + 4 * (count + 1)
    scale = np.frombuffer(data, "<f4", count, scales)
    values = np.frombuffer(data, np.int8, count * SIZE, scales + 4 * count)
    return values.reshape(count, SIZE).astype(np.float32) * scale[:, None]


def translations(folder):
    """Pairs of a number, as the matter, and one of two translations."""
    for name in ("pairs_ko_en.tsv", "pairs_ko_en_software.tsv"):
        for number, pair in zip(range(READ), entries(os.path.join(folder, name))):
            yield from ((f"{name}/{number}", text) for text in pair)


def said():
    """Pairs of a matter and a text."""
    for path in sorted(glob.glob(os.path.join(HERE, "matters/*.tsv"))):
        for line in open(path, encoding="utf-8"):
            if not line.startswith("#"):
                yield tuple(line.rstrip("\n").split("\t"))


class Texts:
    """All texts as bags of word pieces, by trade and matter; the trades are also the tables and the files of translations."""

    def __init__(self, pieces, train):
        number = {piece: i for i, piece in enumerate(pieces)}
        lists, self.matters, self.korean = [], [], []
        self.places = collections.defaultdict(lambda: collections.defaultdict(list))
        for matter, text in (*said(), *translations(train)):
            found = tokens(text, number)[:LONGEST]
            if found:
                self.places[matter.split("/")[0] if "/" in matter else "tables"][matter].append(len(lists))
                lists.append(found)
                self.matters.append(matter)
                self.korean.append(is_korean(text))
        self.matters, self.korean = np.array(self.matters), np.array(self.korean)
        ends = np.cumsum([0] + [len(one) for one in lists])
        flat = np.concatenate(lists)
        self.bags = csr_matrix((np.ones(len(flat), np.float32), flat, ends), (len(lists), len(pieces)))
        self.pairs = [list(matters.values()) for place, matters in self.places.items() if place.endswith(".tsv")]
        self.tables = list(self.places["tables"].values())
        trades = (place for place in self.places if place != "tables" and not place.endswith(".tsv"))
        self.trades = [list(self.places[trade].values()) for trade in trades]

    def batch(self, step, random):
        """Translations, or a trade with all its texts, or some matters of the tables; each matter is as likely as another."""
        some = lambda matters, count: [matters[i] for i in random.choice(len(matters), count, replace=False)]
        of_trades = sum(map(len, self.trades))
        if step % TRANSLATED == 0:
            chosen = some(self.pairs[random.integers(len(self.pairs))], PAIRS)
        elif random.random() < of_trades / (of_trades + len(self.tables)):
            chosen = self.trades[random.integers(len(self.trades))]
        else:
            chosen = some(self.tables, MATTERS)
        return np.concatenate(chosen)


def slope(summed, korean, matters):
    """The loss of a batch, and its derivative by the sums of rows."""
    length = np.linalg.norm(summed, axis=1, keepdims=True) + 1e-9
    turned = summed / length
    mean = np.zeros((len(summed), len(summed)), np.float32)
    for is_ko in (True, False):
        of = korean == is_ko
        mean[np.ix_(of, of)] = 1 / (of.sum() + PRIOR)
    rest = turned - mean @ turned
    rest_length = np.linalg.norm(rest, axis=1, keepdims=True) + 1e-9
    found = rest / rest_length

    near = found @ found.T / TEMPERATURE
    np.fill_diagonal(near, -1e9)
    near = np.exp(near - near.max(1, keepdims=True))
    near /= near.sum(1, keepdims=True)
    wanted = (matters[:, None] == matters[None, :]).astype(np.float32)
    np.fill_diagonal(wanted, 0)
    counts = wanted.sum(1, keepdims=True) > 0
    wanted /= np.maximum(wanted.sum(1, keepdims=True), 1)
    loss = -(wanted * np.log(near + 1e-9)).sum() / counts.sum()

    by_near = (near - wanted) * counts / TEMPERATURE / counts.sum()
    by_found = (by_near + by_near.T) @ found
    by_rest = (by_found - (by_found * found).sum(1, keepdims=True) * found) / rest_length
    by_turned = by_rest - mean.T @ by_rest
    return loss, (by_turned - (by_turned * turned).sum(1, keepdims=True) * turned) / length


def fit(start, texts):
    """The moved rows; by Adam, whose rate falls to zero."""
    moved, first, second = (np.zeros_like(start) for _ in range(3))
    random = np.random.default_rng(SEED)
    total = 0.0
    for step in range(STEPS):
        chosen = texts.batch(step, random)
        bags = texts.bags[chosen]
        used = np.unique(bags.indices)
        bags = bags[:, used]
        loss, by_sum = slope(bags @ (start[used] + moved[used]), texts.korean[chosen], texts.matters[chosen])
        change = np.zeros_like(start)
        change[used] = bags.T @ by_sum + PULL * moved[used]
        first = 0.9 * first + 0.1 * change
        second = 0.999 * second + 0.001 * change ** 2
        sizes = np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8
        moved -= RATE * (1 - step / STEPS) * first / (1 - 0.9 ** (step + 1)) / sizes
        total += float(loss)
        if step % 100 == 99:
            print(f"step {step + 1}: {total / 100:.3f}", flush=True)
            total = 0.0
    return start + moved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    pieces = read_pieces(options.start)
    texts = Texts(pieces, options.train)
    print(f"{len(texts.matters)} texts, {len(texts.trades)} trades, {len(texts.tables)} matters of tables", flush=True)
    write(options.out, pieces, fit(read_rows(options.start, len(pieces)), texts))


if __name__ == "__main__":
    main()
