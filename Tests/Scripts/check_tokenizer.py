#!/usr/bin/env python3
"""Compares `vireo model tokenize` with Hugging Face's tokenizers on random texts and ids.

    check_tokenizer.py VIREO [TOKENIZER_JSON ...]

Needs the package `tokenizers`; a word tokenizer needs a token for unknown words. Every scalar of Unicode is in
some text. Prints the number of mismatches
for each file, with the first few, and exits with 1 if there are any.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

from tokenizers import Tokenizer

SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]
BLANKS = [9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x3000, 0x200B, 0xFEFF]
CONTRACTIONS = ["'s", "'S", "'ſ", "'re", "'RE", "'vE", "'ll", "'lL", "'d", "'M", "'t", "'", "''"]
EMOJI = ["🙂", "👩\u200d👩\u200d👧", "🇫🇷", "👍🏽", "✅", "\ufe0f", "\u200d"]


def texts(random, tokenizer):
    """Texts of many kinds, a few thousand and one for each run of 24 scalars."""
    assigned = [v for v in SCALARS if unicodedata.category(chr(v)) not in ("Cn", "Co")]
    marks = [v for v in assigned if unicodedata.combining(chr(v))]
    composed = [
        v for v in assigned if unicodedata.decomposition(chr(v)) and "<" not in unicodedata.decomposition(chr(v))
    ]
    jamo = [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A7, 0x11C3), 0xAC00, 0xAC1C]
    added = [token.content for token in tokenizer.get_added_tokens_decoder().values()] or ["<x>"]

    def scalar(values):
        return chr(random.choice(values))

    kinds = [
        lambda: scalar(range(32, 127)),
        lambda: scalar(range(97, 123)),
        lambda: scalar(range(65, 91)),
        lambda: scalar(range(48, 58)),
        lambda: scalar(BLANKS),
        lambda: scalar(marks),
        lambda: scalar(composed),
        lambda: scalar(jamo),
        lambda: scalar(assigned),
        lambda: scalar(SCALARS),
        lambda: scalar(range(0x370, 0x600)),
        lambda: scalar(range(0x900, 0xE80)),
        lambda: scalar(range(0x3040, 0x3100)),
        lambda: scalar(range(0x4E00, 0x9FFF)),
        lambda: random.choice(CONTRACTIONS),
        lambda: random.choice(EMOJI),
        lambda: random.choice(added),
        lambda: random.choice(added)[: random.randint(1, 8)],
        lambda: random.choice(["the", " return", "ing", "\r\n", "   ", "    ", "()", "\n\n"]),
    ]
    for _ in range(6000):
        some = random.sample(kinds, random.randint(1, 6))
        yield "".join(random.choice(some)() for _ in range(random.randint(1, 60)))
    for start in range(0, len(SCALARS), 24):
        parts = ["'{}x", "{}1", " {}", "{}\n", "a{} ", "!{}"]
        yield "".join(
            random.choice(parts).format(chr(v)) for v in SCALARS[start : start + 24]
        )


def answers(vireo, directory, lines, *flags):
    request = "".join(json.dumps(line) + "\n" for line in lines)
    result = subprocess.run(
        [vireo, "model", "tokenize", directory, *flags],
        input=request.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in result.stdout.decode().split("\n") if line]


def check(vireo, path):
    random.seed(20250921)
    tokenizer = Tokenizer.from_file(str(path))
    mismatches = []
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(path, Path(directory) / "tokenizer.json")
        lines = list(texts(random, tokenizer))
        for text, answer in zip(lines, answers(vireo, directory, [{"text": t} for t in lines]), strict=True):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            if answer["ids"] != ids:
                mismatches.append(("ids", text, ids, answer["ids"]))
            elif answer["text"] != tokenizer.decode(ids, skip_special_tokens=False):
                mismatches.append(("text", text, ids, answer["text"]))
        size = tokenizer.get_vocab_size()
        short = [random.randrange(min(size, 256)) for _ in range(40)]
        lists = [
            [random.choice([random.randrange(size), random.choice(short)]) for _ in range(random.randint(0, 20))]
            for _ in range(6000)
        ]
        for flags in [], ["--skip-special"]:
            for ids, answer in zip(
                lists, answers(vireo, directory, [{"ids": i} for i in lists], *flags), strict=True
            ):
                text = tokenizer.decode(ids, skip_special_tokens=bool(flags))
                if answer["text"] != text:
                    mismatches.append(("decoding", ids, text, answer["text"]))
    print(f"{path}: {len(mismatches)} mismatches in {len(lines)} texts and {2 * len(lists)} lists of ids")
    for mismatch in mismatches[:5]:
        print("   ", *map(ascii, mismatch))
    return len(mismatches)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    fixture = Path(__file__).resolve().parent.parent / "Fixtures" / "tokenizer"
    paths = sys.argv[2:] or [fixture / "tokenizer.json", fixture / "tokenizer-string-merges.json"]
    sys.exit(1 if sum(check(sys.argv[1], Path(path)) for path in paths) else 0)
