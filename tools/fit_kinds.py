#!/usr/bin/env python3
"""Fits the model of kinds: fit_kinds.py FEATURES src/engine/kinds/weights.bin

Offline and deterministic; needs numpy only. FEATURES is written by

  HEARBACK_KIND_FEATURES=FEATURES cargo test --test all kinds::features_for_fitting

from `tools/kinds/texts.tsv` and the halves `build` of `tests/kinds/*.tsv`: a line has the kind, the language, then the
weights of phrases, the meaning and the numbers of the word cells, separated by tabs. The halves `check` and the sample
are never read here: the tests measure on them.

The model is multinomial logistic regression (softmax) with an L2 penalty, fitted by Adam over all texts at once.

The file, little-endian: "HBK1"; f32 x 4, the scales of the blocks phrases, meaning, words, constants;
i8 x 6 for each row of these blocks (kinds in the order bug, request, question, complaint, praise, other);
f32 x 256 x 2, the mean meaning of the texts that are not Korean and of the Korean ones.
"""
import struct
import sys

import numpy as np

KINDS = ["bug", "request", "question", "complaint", "praise", "other"]
WORDS = 4096
PENALTY, STEPS, RATE = 1.5, 250, 0.05
# How strongly each block may speak: a larger factor is a smaller penalty. Phrases less, because their list was made on
# some of these texts.
FACTORS = [2.0, 4.0, 4.0]


def read(path):
    kinds, korean, signs, meanings, words = [], [], [], [], []
    for line in open(path, encoding="utf-8"):
        kind, language, sign, meaning, cells = line.rstrip("\n").split("\t")
        kinds.append(KINDS.index(kind))
        korean.append(language == "ko")
        signs.append([float(x) for x in sign.split()])
        meanings.append([float(x) for x in meaning.split()])
        row = np.zeros(WORDS, np.float32)
        cells = [int(x) for x in cells.split()]
        row[cells] = 1 / np.sqrt(max(1, len(cells)))
        words.append(row)
    return np.array(kinds), np.array(korean), [np.array(block, np.float64) for block in (signs, meanings, words)]


def fit(x, y):
    x = np.hstack([x, np.ones((len(x), 1))])
    weights = np.zeros((x.shape[1], y.shape[1]))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    penalty = np.full((x.shape[1], 1), PENALTY)
    penalty[-1] = 0
    for step in range(1, STEPS + 1):
        z = x @ weights
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        gradient = (x.T @ (p - y) + penalty * weights) / len(x)
        first = .9 * first + .1 * gradient
        second = .999 * second + .001 * gradient ** 2
        weights -= RATE * (first / (1 - .9 ** step)) / (np.sqrt(second / (1 - .999 ** step)) + 1e-8)
    return weights


def main(features, out):
    kinds, korean, blocks = read(features)
    x = np.hstack([block * factor for block, factor in zip(blocks, FACTORS)])
    weights = fit(x, np.eye(len(KINDS))[kinds])
    sizes = [block.shape[1] for block in blocks] + [1]
    parts = np.split(weights, np.cumsum(sizes)[:-1])
    parts = [part * factor for part, factor in zip(parts, FACTORS + [1.0])]
    scales = [max(np.abs(part).max(), 1e-9) / 127 for part in parts]
    with open(out, "wb") as file:
        file.write(b"HBK1" + struct.pack("<4f", *scales))
        for part, scale in zip(parts, scales):
            file.write(np.round(part / scale).astype(np.int8).tobytes())
        for language in (False, True):
            file.write(blocks[1][korean == language].mean(0).astype("<f4").tobytes())
    print(f"{len(kinds)} texts, {sum(sizes)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
