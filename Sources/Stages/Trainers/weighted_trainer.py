#!/usr/bin/env python3
"""Trains a causal language model on weighted sequences of token ids. Needs torch and transformers.

    python3 weighted_trainer.py CONFIG
    python3 -m torch.distributed.run --nproc_per_node 4 weighted_trainer.py CONFIG

The loss of a step is

    sum over its examples of  weight * (sum over tokens from `start` on of -log p(token))  / divisor

It is a sum, so it depends neither on how many sequences a process computes at a time nor on the number of processes,
except for rounding. CONFIG is a file with one JSON object:

    model, output          the directories of the initial model and of the checkpoints
    rows, steps            files with JSON lines: {"tokens": [5, 7, 9], "start": 1, "weight": 0.5}, and
                           {"examples": [0, 4], "divisor": 12.5, "rate": 1e-5} for each step in order, where examples
                           are lines of `rows` from 0
    validation             a file like `rows`, or null; its loss is measured every `evaluate_every` steps (0: never) and
                           at the end
    resume                 the checkpoint to continue from, or null
    device_batch           the number of sequences that a process computes at a time
    precision              float32 or bfloat16, the type of the activations; weights and moments are float32
    beta1, beta2, epsilon, weight_decay, decaying, clip_norm
                           the settings of AdamW, as in `train.sft`
    checkpoint_steps       steps between checkpoints; one more follows the last step, or SIGTERM
    gradient_checkpointing, attention
                           whether activations are computed again to save memory; the attention of transformers, or null

A checkpoint is a directory `checkpoint-STEP`: a model in float32, the moments of the optimizer, and manifest.json,
which is written last and lists every file with its size. It is written under another name and renamed, and the newest
two are kept. Continuing from a checkpoint gives the same bits as a run without interruption. Metrics and progress are
printed as JSON lines. The training is finished if the checkpoint of the last step is there.
"""

import json
import os
import shutil
import signal
import sys

import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint as recomputed
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

# The number of tokens whose logits are in memory at a time.
HEAD_TOKENS = 1024
# The number of gradients that processes exchange at a time.
BUCKET = 1 << 25
# The number of checkpoints that are kept.
KEPT = 2


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def tell(event, **fields):
    """Prints an event. One write of a whole line, so that a reader never sees half of it."""
    if rank() == 0:
        sys.stdout.write(json.dumps({event: fields}, separators=(",", ":")) + "\n")
        sys.stdout.flush()


def rank():
    return int(os.environ.get("RANK", "0"))


def processes():
    return int(os.environ.get("WORLD_SIZE", "1"))


def summed(values):
    """The sums of numbers over all processes."""
    if processes() == 1:
        return values
    total = torch.tensor(values, dtype=torch.float64, device=device())
    dist.all_reduce(total)
    return total.tolist()


def device():
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if torch.cuda.is_available() else torch.device("cpu")


def loaded(directory, attention):
    """The model in training mode, but without dropout, so that no random state has to be kept."""
    options = {"attn_implementation": attention} if attention else {}
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, **options).to(device())
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    return model.train()


def decays(name, parameter, which):
    """Whether weight decay applies to a parameter, as the engine of `train.sft` decides it."""
    if which == "all":
        return True
    return parameter.ndim > 1 and (which == "matrices" or name != "model.embed_tokens.weight")


def losses(model, rows, config):
    """The sum of -log p of the supervised tokens of each row, as float32."""
    longest = max(len(row["tokens"]) for row in rows)
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    supervised = torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, row in enumerate(rows):
        count = len(row["tokens"])
        tokens[place, :count] = torch.tensor(row["tokens"])
        mask[place, :count] = 1
        supervised[place, max(1, row["start"]):count] = True
    tokens, mask, supervised = tokens.to(device()), mask.to(device()), supervised.to(device())
    head = model.get_output_embeddings()

    def nll(states, targets):
        return cross_entropy(head(states).float(), targets, reduction="none")

    with torch.autocast(device().type, torch.bfloat16, enabled=config["precision"] == "bfloat16"):
        states = model.base_model(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
        # The state before a token predicts it.
        states = states[:, :-1][supervised[:, 1:]]
        targets = tokens[:, 1:][supervised[:, 1:]]
        parts = [
            recomputed(nll, states[start:start + HEAD_TOKENS], targets[start:start + HEAD_TOKENS], use_reentrant=False)
            for start in range(0, len(targets), HEAD_TOKENS)
        ]
    of_row = torch.arange(len(rows), device=device()).unsqueeze(1).expand(-1, longest - 1)[supervised[:, 1:]]
    return torch.zeros(len(rows), device=device()).index_add(0, of_row, torch.cat(parts))


def own(examples, size):
    """The share of this process, in parts of at most `size`."""
    share = examples[rank()::processes()]
    return [share[start:start + size] for start in range(0, len(share), size)]


def accumulate(model, rows, step, config):
    """Computes the gradient of a step on all processes. Returns the sum of weight times -log p over its examples."""
    total = 0.0
    for part in own(step["examples"], config["device_batch"]):
        part = [rows[example] for example in part]
        weights = torch.tensor([row["weight"] for row in part], dtype=torch.float32, device=device())
        loss = losses(model, part, config)
        (loss * (weights / step["divisor"])).sum().backward()
        total += (loss.detach().double() * weights.double()).sum().item()
    exchange(model)
    return summed([total])[0]


def exchange(model):
    """Adds the gradients of all processes, in buckets."""
    parameters = list(model.parameters())
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    if processes() == 1:
        return
    bucket, size = [], 0
    for place, parameter in enumerate(parameters):
        bucket.append(parameter.grad)
        size += parameter.numel()
        if size >= BUCKET or place == len(parameters) - 1:
            flat = torch.cat([gradient.view(-1) for gradient in bucket])
            dist.all_reduce(flat)
            for gradient, part in zip(bucket, flat.split([gradient.numel() for gradient in bucket])):
                gradient.copy_(part.view_as(gradient))
            bucket, size = [], 0


@torch.no_grad()
def validated(model, rows, config):
    """The loss per supervised token."""
    total = 0.0
    for part in own(list(range(len(rows))), config["device_batch"]):
        part = [rows[row] for row in part]
        loss = losses(model, part, config)
        total += sum(row["weight"] * value for row, value in zip(part, loss.double().tolist()))
    return summed([total])[0] / max(1, sum(len(row["tokens"]) - row["start"] for row in rows))


def synced(path):
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def save(model, optimizer, step, config):
    """Writes the checkpoint of a step on the first process, and removes old ones."""
    if rank() == 0:
        directory = os.path.join(config["output"], f"checkpoint-{step}")
        partial = directory + ".partial"
        shutil.rmtree(partial, ignore_errors=True)
        os.makedirs(partial)
        names = {parameter: name for name, parameter in model.named_parameters()}
        weights = {name: parameter.detach().cpu().contiguous() for parameter, name in names.items()}
        save_file(weights, os.path.join(partial, "model.safetensors"), metadata={"format": "pt"})
        moments = {
            f"{moment}.{names[parameter]}": state[moment].cpu().contiguous()
            for parameter, state in optimizer.state.items() for moment in ("exp_avg", "exp_avg_sq")
        }
        save_file(moments, os.path.join(partial, "optimizer.safetensors"))
        shutil.copy(os.path.join(config["model"], "config.json"), partial)
        with open(os.path.join(partial, "trainer_state.json"), "w") as file:
            json.dump({"global_step": step, "max_steps": config["last"]}, file)
        files = {name: os.path.getsize(os.path.join(partial, name)) for name in sorted(os.listdir(partial))}
        for name in files:
            synced(os.path.join(partial, name))
        with open(os.path.join(partial, "manifest.json"), "w") as file:
            json.dump({"step": step, "files": files}, file)
        synced(os.path.join(partial, "manifest.json"))
        synced(partial)
        shutil.rmtree(directory, ignore_errors=True)
        os.rename(partial, directory)
        synced(config["output"])
        steps = sorted(int(name[11:]) for name in os.listdir(config["output"]) if name[11:].isdigit())
        for old in steps[:-KEPT]:
            shutil.rmtree(os.path.join(config["output"], f"checkpoint-{old}"), ignore_errors=True)
    if processes() > 1:
        dist.barrier()


def restore(model, optimizer, directory):
    """Restores the moments of the optimizer. Returns the step."""
    with open(os.path.join(directory, "manifest.json")) as file:
        step = json.load(file)["step"]
    moments = load_file(os.path.join(directory, "optimizer.safetensors"))
    for name, parameter in model.named_parameters():
        optimizer.state[parameter] = {
            "step": torch.tensor(float(step)),
            **{moment: moments[f"{moment}.{name}"].to(device()) for moment in ("exp_avg", "exp_avg_sq")},
        }
    return step


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    stopped = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    torch.use_deterministic_algorithms(True, warn_only=True)
    disable_progress_bar()
    if torch.cuda.is_available():
        torch.cuda.set_device(device())
    if processes() > 1:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    rows, steps = lines(config["rows"]), lines(config["steps"])
    validation = lines(config["validation"]) if config["validation"] else []
    config["last"] = len(steps)
    model = loaded(config["resume"] or config["model"], config["attention"])
    if config["gradient_checkpointing"]:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    groups = [
        {
            "params": [
                parameter for name, parameter in model.named_parameters()
                if decays(name, parameter, config["decaying"]) is decaying
            ],
            "weight_decay": config["weight_decay"] if decaying else 0.0,
        }
        for decaying in (True, False)
    ]
    optimizer = torch.optim.AdamW(
        [group for group in groups if group["params"]], betas=(config["beta1"], config["beta2"]), eps=config["epsilon"]
    )
    done = restore(model, optimizer, config["resume"]) if config["resume"] else 0
    for number in range(done, len(steps)):
        step = steps[number]
        for parameter in model.parameters():
            parameter.grad = None
        total = accumulate(model, rows, step, config)
        gradients = [parameter.grad for parameter in model.parameters()]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])).item()
        if not (abs(total) < float("inf") and norm < float("inf")):
            sys.exit(f"training diverged at step {number + 1}: the loss or gradient of examples {step['examples']} is not finite")
        if config["clip_norm"] > 0:
            factor = min(1.0, config["clip_norm"] / (norm + 1e-6))
            for gradient in gradients:
                gradient.mul_(factor)
        for group in optimizer.param_groups:
            group["lr"] = step["rate"]
        optimizer.step()
        done = number + 1
        tokens = sum(len(rows[example]["tokens"]) - rows[example]["start"] for example in step["examples"])
        for name, value in (("loss", total / max(1, tokens)), ("gradient_norm", norm), ("learning_rate", step["rate"])):
            tell("metric", name=name, step=done, value=value)
        is_due = config["evaluate_every"] > 0 and done % config["evaluate_every"] == 0
        if validation and (is_due or done == len(steps)):
            tell("metric", name="validation_loss", step=done, value=validated(model, validation, config))
        tell("progress", done=done, total=len(steps), unit="step")
        is_stopped = summed([float(len(stopped))])[0] > 0
        if done % config["checkpoint_steps"] == 0 or done == len(steps) or is_stopped:
            save(model, optimizer, done, config)
        if is_stopped:
            break
    if processes() > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
