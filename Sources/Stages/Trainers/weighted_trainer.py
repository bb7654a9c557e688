#!/usr/bin/env python3
"""Trains a causal language model on weighted sequences of token ids. Needs torch and transformers.

    python3 weighted_trainer.py CONFIG
    python3 -m torch.distributed.run --nproc_per_node 4 weighted_trainer.py CONFIG

The loss of a step is

    sum over its examples of  weight * (sum over tokens from `start` on of -log p(token))  / divisor

It is a sum, so it depends neither on how many sequences a process computes at a time nor on the number of processes,
except for rounding. Several processes share the memory: each keeps a part of every parameter, of its gradient and of
its moments, and all of them gather the parameters of a layer while they compute it (fully sharded data parallelism).
CONFIG is a file with one JSON object:

    model, output          the directories of the initial model and of the checkpoints
    rows, steps            files with JSON lines: {"tokens": [5, 7, 9], "start": 1, "weight": 0.5}, and
                           {"examples": [0, 4], "divisor": 12.5, "rate": 1e-5} for each step in order, where examples
                           are lines of `rows` from 0
    validation             a file like `rows`, or null; its loss is measured every `evaluate_every` steps (0: never) and
                           at the end
    resume                 the checkpoint to continue from, or null
    device_batch           the number of sequences that a process computes at a time
    precision              float32 or bfloat16, the type of the activations; weights, gradients and moments are float32,
                           but several processes gather the weights of a layer in this type
    beta1, beta2, epsilon, weight_decay, decaying, clip_norm
                           the settings of AdamW, as in `train.sft`
    checkpoint_steps       steps between checkpoints; one more follows the last step, or SIGTERM
    gradient_checkpointing, attention
                           whether activations are computed again to save memory; the attention of transformers, or null

A checkpoint is a directory `checkpoint-STEP`: a model in float32; the moments of the optimizer, in a file
`optimizer-RANK.safetensors` of each process if there are several; and manifest.json, which is written last and lists
every file with its size. It is written under another name and renamed, and the newest two are kept. Continuing from a
checkpoint needs the same number of processes and gives the same bits as a run without interruption. Metrics and
progress are printed as JSON lines. The training is finished if the checkpoint of the last step is there.
"""

import json
import math
import os
import shutil
import signal
import sys
from datetime import timedelta

import torch
import torch.distributed as dist
from safetensors import safe_open
from safetensors.torch import save_file
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint as recomputed
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

# The number of tokens whose logits are in memory at a time.
HEAD_TOKENS = 1024
# The number of bytes of a weight file that several processes write.
FILE_BYTES = 5 * 10**9
# The number of checkpoints that are kept.
KEPT = 2
# How long a process waits for others, such as the one that writes a checkpoint.
PATIENCE = timedelta(hours=1)


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


def loaded(directory, config):
    """The model of a directory in training mode, but without dropout, so that no random state has to be kept. If there
    are several processes, each one reads its parts of the parameters only.
    """
    options = {"attn_implementation": config["attention"]} if config["attention"] else {}
    if processes() == 1:
        model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, **options).to(device())
    else:
        model = without_memory(directory, options)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0
    if config["gradient_checkpointing"]:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    losses = Losses(model.train(), config["precision"])
    if processes() > 1:
        shard(losses, config["precision"])
        fill(model, directory)
    return losses


def without_memory(directory, options):
    """The model of a directory, whose parameters have shapes but no values; buffers have values."""
    register = torch.nn.Module.register_parameter

    def register_shape(module, name, parameter):
        # A tied parameter is registered twice, and has to stay the same object.
        if parameter is not None and not parameter.is_meta:
            parameter = torch.nn.Parameter(parameter.detach().to("meta"))
        register(module, name, parameter)

    torch.nn.Module.register_parameter = register_shape
    try:
        return AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(directory), dtype=torch.float32, **options)
    finally:
        torch.nn.Module.register_parameter = register


def shard(losses, precision):
    """Makes each layer a unit whose parameters are gathered for its computation and released after it. Embeddings, last
    norm and head are one more unit, which stays gathered from the forward pass to the end of the backward pass.
    """
    mesh = init_device_mesh(device().type, (processes(),))
    # The head adds up gradients of many parts of a sequence, so it stays in float32, and so does the residual stream.
    policy = MixedPrecisionPolicy(cast_forward_inputs=False)
    if precision == "bfloat16":
        policy = MixedPrecisionPolicy(torch.bfloat16, reduce_dtype=torch.float32, cast_forward_inputs=False)
    for layer in losses.model.base_model.layers:
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    fully_shard(losses, mesh=mesh)
    for unit in losses.modules():
        if isinstance(unit, FSDPModule):
            # Gradients are sums over the processes, which every backend computes without a factor.
            unit.set_gradient_divide_factor(1.0)
            unit.set_force_sum_reduction_for_comms(True)


def fill(model, directory):
    """Reads the part of this process of every parameter: rows of the first dimension."""
    path = os.path.join(directory, "model.safetensors")
    index = path + ".index.json"
    places = None
    if not os.path.exists(path) and os.path.exists(index):
        with open(index, encoding="utf-8") as file:
            places = json.load(file)["weight_map"]
    filled = {}
    for prefix, module in model.named_modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if parameter not in filled:
                full = f"{prefix}.{name}"
                file = os.path.join(directory, places[full]) if places else path
                filled[parameter] = torch.nn.Parameter(sharded(part(file, full).to(device(), torch.float32), parameter))
            setattr(module, name, filled[parameter])


def part(path, name):
    """The part of this process of a tensor in a file."""
    with safe_open(path, "pt") as file:
        tensor = file.get_slice(name)
        rows = tensor.get_shape()[0]
        size = math.ceil(rows / processes())
        start = min(rows, rank() * size)
        stop = min(rows, start + size)
        return tensor[start:stop] if start < stop else tensor[:1][:0]


def local(tensor):
    """The part of this process of a parameter, gradient or moment."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def sharded(values, parameter):
    """A tensor that is distributed like a parameter, from the part of this process."""
    if not isinstance(parameter, DTensor):
        return values
    return DTensor.from_local(
        values, parameter.device_mesh, parameter.placements, run_check=False, shape=parameter.shape,
        stride=parameter.stride(),
    )


def decays(name, parameter, which):
    """Whether weight decay applies to a parameter, as the engine of `train.sft` decides it."""
    if which == "all":
        return True
    return parameter.ndim > 1 and (which == "matrices" or name != "model.embed_tokens.weight")


class Losses(torch.nn.Module):
    """The sum of -log p of the supervised tokens of each sequence, as float32."""

    def __init__(self, model, precision):
        super().__init__()
        self.model = model
        self.precision = precision

    def forward(self, tokens, mask, supervised):
        head = self.model.get_output_embeddings()

        def nll(states, targets):
            return cross_entropy(head(states).float(), targets, reduction="none")

        with torch.autocast(device().type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            states = self.model.base_model(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
            # The state before a token predicts it.
            states = states[:, :-1][supervised[:, 1:]]
            targets = tokens[:, 1:][supervised[:, 1:]]
            parts = [
                recomputed(nll, states[start:start + HEAD_TOKENS], targets[start:start + HEAD_TOKENS], use_reentrant=False)
                for start in range(0, len(targets), HEAD_TOKENS)
            ]
        count, longest = tokens.shape
        of_row = torch.arange(count, device=device()).unsqueeze(1).expand(-1, longest - 1)[supervised[:, 1:]]
        return torch.zeros(count, device=device()).index_add(0, of_row, torch.cat(parts))

    def of(self, rows):
        longest = max(len(row["tokens"]) for row in rows)
        tokens = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        supervised = torch.zeros(len(rows), longest, dtype=torch.bool)
        for place, row in enumerate(rows):
            count = len(row["tokens"])
            tokens[place, :count] = torch.tensor(row["tokens"])
            mask[place, :count] = 1
            supervised[place, max(1, row["start"]):count] = True
        return self(tokens.to(device()), mask.to(device()), supervised.to(device()))


def own(rows, size):
    """The share of this process, in parts of at most `size`. All processes have the same number of parts, because they
    compute together; where one has no row left, its part is the shortest row with the weight 0.
    """
    share = rows[rank()::processes()]
    longest = math.ceil(len(rows) / processes())
    idle = [{**min(rows, key=lambda row: len(row["tokens"])), "weight": 0.0}] if rows else []
    return [share[start:start + size] or idle for start in range(0, longest, size)]


def accumulate(losses, rows, step, config):
    """Computes the gradient of a step on all processes. Returns the sum of weight times -log p over its examples."""
    total = 0.0
    for part in own([rows[example] for example in step["examples"]], config["device_batch"]):
        weights = torch.tensor([row["weight"] for row in part], dtype=torch.float32, device=device())
        loss = losses.of(part)
        # The gradients of several processes are added after each part, because a whole one would not fit a process.
        (loss * (weights / step["divisor"])).sum().backward()
        total += (loss.detach().double() * weights.double()).sum().item()
    return summed([total])[0]


@torch.no_grad()
def validated(losses, rows, config):
    """The loss per supervised token."""
    total = 0.0
    for part in own(rows, config["device_batch"]):
        loss = losses.of(part)
        total += sum(row["weight"] * value for row, value in zip(part, loss.double().tolist()))
    return summed([total])[0] / max(1, sum(len(row["tokens"]) - row["start"] for row in rows))


def synced(path):
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def wait():
    if processes() > 1:
        dist.barrier()


def moments_file(directory):
    return os.path.join(directory, "optimizer.safetensors" if processes() == 1 else f"optimizer-{rank()}.safetensors")


def weight_files(parameters):
    """The names of the parameters in each weight file."""
    groups, size = [[]], 0
    for name, parameter in parameters.items():
        bytes = 4 * parameter.numel()
        if processes() > 1 and groups[-1] and size + bytes > FILE_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += bytes
    if len(groups) == 1:
        return {"model.safetensors": groups[0]}
    return {f"model-{place:05}-of-{len(groups):05}.safetensors": names for place, names in enumerate(groups, 1)}


def save_weights(parameters, directory):
    """Writes the model on the first process. The others take part, because each parameter is gathered in turn."""
    files = weight_files(parameters)
    for file, names in files.items():
        weights = {}
        for name in names:
            parameter = parameters[name].detach()
            whole = parameter.full_tensor() if isinstance(parameter, DTensor) else parameter
            if rank() == 0:
                weights[name] = whole.cpu().contiguous()
        if rank() == 0:
            save_file(weights, os.path.join(directory, file), metadata={"format": "pt"})
    if rank() == 0 and len(files) > 1:
        index = {
            "metadata": {"total_size": sum(4 * parameter.numel() for parameter in parameters.values())},
            "weight_map": {name: file for file, names in files.items() for name in names},
        }
        with open(os.path.join(directory, "model.safetensors.index.json"), "w") as file:
            json.dump(index, file)


def save(parameters, optimizer, step, config):
    """Writes the checkpoint of a step, and removes old ones. The first process writes all files but the moments of the
    other processes.
    """
    directory = os.path.join(config["output"], f"checkpoint-{step}")
    partial = directory + ".partial"
    if rank() == 0:
        shutil.rmtree(partial, ignore_errors=True)
        os.makedirs(partial)
    wait()
    save_weights(parameters, partial)
    names = {parameter: name for name, parameter in parameters.items()}
    moments = {
        f"{moment}.{names[parameter]}": local(state[moment]).cpu().contiguous()
        for parameter, state in optimizer.state.items() for moment in ("exp_avg", "exp_avg_sq")
    }
    own_file = moments_file(partial)
    save_file(moments, own_file)
    synced(own_file)
    # The first process does not ask for the sizes of files of other machines, which it may see late.
    sizes = summed([float(os.path.getsize(own_file)) if place == rank() else 0.0 for place in range(processes())])
    if rank() == 0:
        shutil.copy(os.path.join(config["model"], "config.json"), partial)
        with open(os.path.join(partial, "trainer_state.json"), "w") as file:
            json.dump({"global_step": step, "max_steps": config["last"]}, file)
        files = {name: os.path.getsize(os.path.join(partial, name)) for name in sorted(os.listdir(partial))}
        for name in files:
            synced(os.path.join(partial, name))
        if processes() > 1:
            files.update({f"optimizer-{place}.safetensors": int(size) for place, size in enumerate(sizes)})
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
    wait()


def restore(parameters, optimizer, directory):
    """Restores the moments of the optimizer. Returns the step."""
    with open(os.path.join(directory, "manifest.json")) as file:
        step = json.load(file)["step"]
    with safe_open(moments_file(directory), "pt") as file:
        for name, parameter in parameters.items():
            optimizer.state[parameter] = {
                "step": torch.tensor(float(step)),
                **{
                    moment: sharded(file.get_tensor(f"{moment}.{name}").to(device()), parameter)
                    for moment in ("exp_avg", "exp_avg_sq")
                },
            }
    return step


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    stopped = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing reads memory before it is written, so it need not be filled.
    torch.utils.deterministic.fill_uninitialized_memory = False
    disable_progress_bar()
    if torch.cuda.is_available():
        torch.cuda.set_device(device())
    if processes() > 1:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    rows, steps = lines(config["rows"]), lines(config["steps"])
    validation = lines(config["validation"]) if config["validation"] else []
    config["last"] = len(steps)
    losses = loaded(config["resume"] or config["model"], config)
    parameters = dict(losses.model.named_parameters())
    groups = [
        {
            "params": [
                parameter for name, parameter in parameters.items()
                if decays(name, parameter, config["decaying"]) is decaying
            ],
            "weight_decay": config["weight_decay"] if decaying else 0.0,
        }
        for decaying in (True, False)
    ]
    optimizer = torch.optim.AdamW(
        [group for group in groups if group["params"]], betas=(config["beta1"], config["beta2"]), eps=config["epsilon"]
    )
    done = restore(parameters, optimizer, config["resume"]) if config["resume"] else 0
    for number in range(done, len(steps)):
        step = steps[number]
        for parameter in parameters.values():
            parameter.grad = None
        total = accumulate(losses, rows, step, config)
        for parameter in parameters.values():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [local(parameter.grad) for parameter in parameters.values()]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])).item()
        norm = math.sqrt(summed([norm * norm])[0])
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
            tell("metric", name="validation_loss", step=done, value=validated(losses, validation, config))
        tell("progress", done=done, total=len(steps), unit="step")
        is_stopped = summed([float(len(stopped))])[0] > 0
        if done % config["checkpoint_steps"] == 0 or done == len(steps) or is_stopped:
            save(parameters, optimizer, done, config)
        if is_stopped:
            break
    if processes() > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
