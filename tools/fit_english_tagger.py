#!/usr/bin/env python3
"""Writes the model of the English tagger: fit_english_tagger.py MODEL.json src/engine/text/tagging/english.txt

MODEL.json is trained_tagger_model.json of the Rust package harper-brill 3.0.0 (Apache License 2.0, Automattic Inc.), whose
words and rules were learnt from the English treebanks of Universal Dependencies. Offline; needs only Python.

  cargo download harper-brill==3.0.0     or any other way to unpack the package

The file has one line per tag, "NOUN account app ...": the words whose most frequent tag it is, sorted. Words with a digit
or a sign other than an apostrophe, a full stop or a hyphen are left out, since the tagger splits at signs and tags numbers
itself. Then one line per rule, in the order of the model: "VERB>NOUN tag -1 DET & word 1 of". A condition is one of

  tag AT TAG           the word at this distance has the tag
  any AT TAG           one of the words between here and this distance has it; the farther end is excluded, as in the
                       model's own training
  between TAG TAG      the tags of both neighbours
  word AT WORD         the word at this distance begins with WORD, or WORD with it, as in the model's own training
"""
import json
import re
import sys

USABLE = re.compile(r"[a-z]+(['.-][a-z]+)*\.?")
LEFT_OUT = {"NUM", "PUNCT", "SYM"}


def condition(criteria):
    """One criterion of the model as text."""
    (kind, what), = criteria.items()
    if kind == "Combined":
        return condition(what["a"]) + " & " + condition(what["b"])
    if kind == "WordIsTaggedWith":
        return f"tag {what['relative']} {what['is_tagged']}"
    if kind == "AnyWordIsTaggedWith":
        return f"any {what['max_relative']} {what['is_tagged']}"
    if kind == "SandwichTaggedWith":
        return f"between {what['prev_word_tagged']} {what['post_word_tagged']}"
    if kind == "WordIs":
        return f"word {what['relative']} {what['word'].lower()}"
    raise SystemExit(f"unknown criterion {kind}")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        model = json.load(file)
    words = {}
    for word, tag in model["base"]["mapping"].items():
        if USABLE.fullmatch(word) and tag not in LEFT_OUT:
            words.setdefault(tag, []).append(word)
    lines = [tag + " " + " ".join(sorted(words[tag])) for tag in sorted(words)]
    for rule in model["patches"]:
        lines.append(f"{rule['from']}>{rule['to']} {condition(rule['criteria'])}")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


main()
