#!/usr/bin/env python3
"""Writes tokenized examples as the data set that LLaMA-Factory reads with `tokenized_path`. Needs datasets.

    python3 tokenized_data.py ROWS TARGET

ROWS is a directory with train.jsonl and perhaps validation.jsonl, with lines {"tokens": [5, 7, 9], "start": 1}. The
tokens before `start` have the label -100, which stands for no loss.
"""

import json
import os
import sys

from datasets import Dataset, DatasetDict


def columns(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            tokens, start = row["tokens"], row["start"]
            labels = [-100] * start + tokens[start:]
            yield {"input_ids": tokens, "attention_mask": [1] * len(tokens), "labels": labels}


def main():
    rows, target = sys.argv[1:]
    splits = DatasetDict()
    for split in ("train", "validation"):
        path = os.path.join(rows, split + ".jsonl")
        if os.path.exists(path):
            splits[split] = Dataset.from_generator(columns, gen_kwargs={"path": path})
    splits.save_to_disk(target)


if __name__ == "__main__":
    main()
