#!/usr/bin/env python3
"""Measures what has no theme: noise.py HEARBACK FOLDER [--mix]

FOLDER has streams as for `hearback evaluate` (id, lang, gold_label, text; noise has the label __noise__). For each of them a
line says its ARI, the share of labelled items that are left without a theme, and the share of the noise that is in themes
of five items and more. `--mix` makes more streams first: into each stream of FOLDER it puts texts of every other one in the
same language, a tenth as many and at most one of a label, so that they are near nothing, and greetings and typing; and of
each stream with at least 60 labels it keeps three fifths of them, with a few texts of each of the others as noise that is
about the same trade.

The section about the engine in ARCHITECTURE.md says what was chosen by these streams, and what the limit is.
"""
import os
import random
import re
import subprocess
import sys
import tempfile

IDLE = {
    "en": ["good morning everyone", "have a blessed weekend all", "asdf qwer", "test test 123", "hello hello", "zxcvb mnbv"],
    "ko": ["좋은 하루 보내세요 여러분", "안녕하세요 반갑습니다", "ㅁㄴㅇㄹ ㅂㅈㄷㄱ", "테스트 입니다", "즐거운 주말 되세요", "ㅋㅋㅋㅋ ㅎㅎ"],
}


def read(path):
    lines = open(path, encoding="utf-8").read().splitlines()[1:]
    return [line.split("\t", 3) for line in lines if line.count("\t") >= 3]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.write("id\tlang\tgold_label\ttext\n")
        for number, (_, lang, label, text) in enumerate(rows):
            out.write(f"{number}\t{lang}\t{label}\t{text}\n")


def mixed(streams, folder):
    """Writes each stream with texts of the others as noise."""
    chance = random.Random(11)
    for name, rows in streams.items():
        real = [row for row in rows if row[2] != "__noise__"]
        languages = {row[1] for row in real}
        for other, theirs in streams.items():
            one = {row[2]: row for row in chance.sample(theirs, len(theirs)) if row[1] in languages}
            if other == name or len(one) < 20:
                continue
            strange = list(one.values())[: max(len(real) // 10, 10)]
            strange += [["", lang, "", text] for lang in sorted(languages) for text in IDLE.get(lang, [])]
            all_rows = real + [[number, lang, "__noise__", text] for number, lang, _, text in strange]
            chance.shuffle(all_rows)
            write(os.path.join(folder, f"{name}+{other}.tsv"), all_rows)


def held_out(streams, folder):
    """Writes streams of which some labels have hardly a text: noise about the same trade."""
    chance = random.Random(5)
    for name, rows in streams.items():
        labels = sorted({row[2] for row in rows} - {"__noise__"})
        if len(labels) < 60:
            continue
        chance.shuffle(labels)
        kept = set(labels[: len(labels) * 6 // 10])
        real = [row for row in rows if row[2] in kept]
        noise = []
        for label in labels[len(kept) :]:
            own = [row for row in rows if row[2] == label]
            noise += chance.sample(own, min(len(own), 3 if len(labels) < 300 else 1))
        all_rows = real + [[number, lang, "__noise__", text] for number, lang, _, text in noise]
        chance.shuffle(all_rows)
        write(os.path.join(folder, f"{name}+held-out.tsv"), all_rows)


def measured(program, path):
    said = subprocess.run([program, "evaluate", path], capture_output=True, text=True, check=True).stdout
    value = lambda name: (re.search(re.escape(name) + r"\t([\d.-]+)", said) or [None, "-"])[1]
    return [value(name) for name in ("ARI", "labelled items not grouped", "noise in themes of 5 and more", "themes found")]


def main():
    program, folder = sys.argv[1:3]
    names = sorted(name for name in os.listdir(folder) if name.endswith(".tsv"))
    streams = {name[:-4]: read(os.path.join(folder, name)) for name in names}
    with tempfile.TemporaryDirectory() as scratch:
        for name, rows in streams.items():
            write(os.path.join(scratch, name + ".tsv"), rows)
        if "--mix" in sys.argv:
            mixed(streams, scratch)
            held_out(streams, scratch)
        print("stream\tARI\treal ones left out\tnoise in themes of 5\tthemes")
        for name in sorted(os.listdir(scratch)):
            print(name[:-4], *measured(program, os.path.join(scratch, name)), sep="\t", flush=True)


if __name__ == "__main__":
    main()
