#!/usr/bin/env python3
"""Trains a policy with the GRPO trainer of TRL, on prompts of token ids and with rewards of another process.

    python3 grpo_trainer.py CONFIG
    python3 -m torch.distributed.run --nproc_per_node 4 grpo_trainer.py CONFIG

CONFIG is a file with one JSON object: the fields of TRL's GRPOConfig, and

    model_name_or_path     the directory of the initial policy, whose tokenizer has the end of an answer as its end token
    prompts, order         files with JSON lines: {"tokens": [5, 7, 9]}, and {"prompt": 4} for each place in the training,
                           where 4 is a line of `prompts` from 0
    end_token              the id that ends an answer
    rewards                the directory where the rewards are asked for

TRL draws the prompts of each epoch anew, and after a resume those of the first one; so the training is one epoch without
shuffling here. TRL also tokenizes text; here, the text of a prompt is the number of its line, from 0, and its tokens are those of the line.

To get the rewards of a step, the first process writes asked-STEP.jsonl with a line {"prompt": 5, "tokens": [7, 9]} per
completion, and waits for rewards-STEP.jsonl with a number per line, or null for a completion that is not to be used.
Both files appear as a whole. If the directory is gone, no rewards will follow.
"""

import json
import os
import sys
import time

import torch
from accelerate.utils import broadcast_object_list, gather_object
from datasets import Dataset
from transformers import AutoTokenizer, HfArgumentParser
from trl import GRPOConfig, GRPOTrainer

OWN_FIELDS = ("model_name_or_path", "prompts", "order", "end_token", "rewards")


class TokenTrainer(GRPOTrainer):
    """GRPO on prompts that are tokens already."""

    prompt_tokens = []

    def _tokenize_prompts(self, prompts):
        return [list(self.prompt_tokens[int(prompt)]) for prompt in prompts], None, {}

    def _generate(self, prompts):
        result = super()._generate(prompts)
        if result[0] != [self.prompt_tokens[int(prompt)] for prompt in prompts]:
            sys.exit("this version of TRL has changed the tokens of prompts")
        return result


class Rewards:
    """The rewards of the process that started this one."""

    __name__ = "verifier"

    def __init__(self, directory, process):
        self.directory = directory
        self.process = process

    def __call__(self, prompts, completion_ids, trainer_state, **_):
        rows = [{"prompt": int(prompt), "tokens": list(ids)} for prompt, ids in zip(prompts, completion_ids)]
        counts = gather_object([len(rows)])
        everything = gather_object(rows)
        answer = [self.ask(everything, trainer_state.global_step + 1) if self.process == 0 else None]
        broadcast_object_list(answer)
        if answer[0] is None:
            sys.exit("the rewards are not computed any more")
        start = sum(counts[:self.process])
        return answer[0][start:start + len(rows)]

    def ask(self, rows, step):
        """The reward of each row; None if no rewards follow."""
        asked = os.path.join(self.directory, f"asked-{step}.jsonl")
        rewards = os.path.join(self.directory, f"rewards-{step}.jsonl")
        with open(asked + ".partial", "w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row, separators=(",", ":")) + "\n")
        os.rename(asked + ".partial", asked)
        while not os.path.exists(rewards):
            if not os.path.isdir(self.directory):
                return None
            time.sleep(0.01)
        with open(rewards, encoding="utf-8") as file:
            values = [json.loads(line) for line in file]
        os.remove(rewards)
        if len(values) != len(rows):
            sys.exit(f"{len(rows)} completions have {len(values)} rewards")
        return values


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        fields = json.load(file)
    own = {name: fields.pop(name) for name in OWN_FIELDS}
    # Otherwise, several processes without an accelerator would not know each other.
    fields.setdefault("use_cpu", not torch.accelerator.is_available())
    (arguments,) = HfArgumentParser(GRPOConfig).parse_dict(fields)
    if not hasattr(GRPOTrainer, "_tokenize_prompts"):
        sys.exit("this version of TRL has no _tokenize_prompts, and cannot be given tokens")
    with open(own["prompts"], encoding="utf-8") as file:
        tokens = [json.loads(line)["tokens"] for line in file]
    with open(own["order"], encoding="utf-8") as file:
        order = [str(json.loads(line)["prompt"]) for line in file]
    trainer = TokenTrainer(
        model=own["model_name_or_path"],
        reward_funcs=Rewards(own["rewards"], arguments.process_index),
        args=arguments,
        train_dataset=Dataset.from_dict({"prompt": order}),
        processing_class=AutoTokenizer.from_pretrained(own["model_name_or_path"]),
    )
    trainer.prompt_tokens = tokens
    if arguments.world_size != int(os.environ.get("WORLD_SIZE", "1")):
        sys.exit(f"only {arguments.world_size} of {os.environ['WORLD_SIZE']} processes train together")
    if trainer.eos_token_ids != [own["end_token"]]:
        sys.exit(f"the tokens {trainer.eos_token_ids} would end a completion instead of {own['end_token']}")
    trainer.train(resume_from_checkpoint=arguments.resume_from_checkpoint)


if __name__ == "__main__":
    main()
