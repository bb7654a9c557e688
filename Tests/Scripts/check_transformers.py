#!/usr/bin/env python3
"""Compares what Vireo and transformers compute for a model directory: log-probabilities of random tokens and
likeliest continuations. The yardstick is transformers in float64; its own error in float32 is shown beside Vireo's.
Needs torch and transformers. Ends with 1 if they disagree.

    check_transformers.py MODEL [--vireo .build/vireo]
    check_transformers.py --random qwen3|qwen3-untied|qwen2|qwen2-untied [--dtype bfloat16]

The first form checks a directory that Vireo, or anybody, wrote: transformers must load it without a missing or
superfluous tensor. The second makes a random model, which transformers writes and Vireo reads.
"""
import argparse
import copy
import json
import subprocess
import sys
import tempfile

import torch
import transformers


def random_model(kind, dtype, directory):
    """Writes a small random model whose sizes are no multiples of vectors."""
    torch.manual_seed(0)
    settings = dict(
        vocab_size=311, hidden_size=72, intermediate_size=200, num_hidden_layers=3, num_attention_heads=6,
        num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=not kind.endswith("untied"),
        rms_norm_eps=1e-6, bos_token_id=None, eos_token_id=1, pad_token_id=None)
    if kind.startswith("qwen3"):
        model = transformers.Qwen3ForCausalLM(transformers.Qwen3Config(head_dim=20, **settings))
    else:
        model = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**settings))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Larger than transformers' own, or every distribution would be flat.
            if "norm" in name:
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            elif name.endswith("bias"):
                parameter.copy_(0.3 * torch.randn_like(parameter))
            else:
                scale = 0.5 if "embed" in name or "head" in name else 1.5 / parameter.shape[1] ** 0.5
                parameter.copy_(scale * torch.randn_like(parameter))
    model.to(getattr(torch, dtype)).save_pretrained(directory)


def load(directory):
    """The model in float32 and in float64."""
    model, info = transformers.AutoModelForCausalLM.from_pretrained(
        directory, dtype=torch.float32, output_loading_info=True)
    problems = {key: sorted(value) for key, value in info.items() if value}
    if problems:
        sys.exit(f"transformers: {directory} does not hold what it should: {problems}")
    return model.eval(), copy.deepcopy(model).double()


def vireo(program, command, directory, prompts, *arguments):
    lines = "".join(json.dumps({"ids": ids}) + "\n" for ids in prompts)
    result = subprocess.run(
        [program, "model", command, directory, *arguments], input=lines, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"vireo model {command} ended with {result.returncode}: {result.stderr.strip()}")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    if len(answers) != len(prompts):
        sys.exit(f"vireo model {command} answered {len(answers)} of {len(prompts)} lines")
    return answers


def log_probabilities(model, ids):
    """[tokens][vocabulary]"""
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].double().log_softmax(-1)


def check(directory, program, tolerance, margin):
    model, exact = load(directory)
    size, context = model.config.vocab_size, model.config.max_position_embeddings
    generator = torch.Generator().manual_seed(1)

    def sequence(length):
        return torch.randint(size, (min(length, context),), generator=generator).tolist()

    sequences = [sequence(length) for length in (2, 3, 17, 64, 65, 120, 200, 333)]
    error, own_error, count = 0.0, 0.0, 0
    for ids, answer in zip(sequences, vireo(program, "logprobs", directory, sequences)):
        expected, own = (
            log_probabilities(m, ids)[:-1].gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
            for m in (exact, model))
        found = torch.tensor(answer["logprobs"], dtype=torch.float64)
        error = max(error, (found - expected).abs().max().item())
        own_error = max(own_error, (own - expected).abs().max().item())
        count += len(found)

    new = min(32, context // 2)
    prompts = [sequence(min(length, context - new)) for length in (1, 2, 5, 16, 33, 100, 180, 250)]
    answers = vireo(
        program, "generate", directory, prompts, "--temperature", "0", "--max-tokens", str(new),
        "--ignore-eos", "--logprobs")
    generated, mismatches, closest, new_error = 0, 0, float("inf"), 0.0
    for prompt, answer in zip(prompts, answers):
        rows = log_probabilities(exact, prompt + answer["ids"])[len(prompt) - 1:-1]
        for row, token, value in zip(rows, answer["ids"], answer["logprobs"]):
            best = row.max().item()
            generated += 1
            new_error = max(new_error, abs(row[token].item() - value))
            # Where two tokens are as likely to within rounding, either is right.
            if row[token].item() < best - margin:
                mismatches += 1
            top = row.topk(2).values
            closest = min(closest, (top[0] - top[1]).item())

    reference = []
    for prompt in prompts:
        with torch.no_grad():
            output = model.generate(
                torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), do_sample=False,
                max_new_tokens=new, min_new_tokens=new, pad_token_id=0,
                # min_new_tokens forbids end tokens; there must be none to forbid.
                eos_token_id=None)
        reference.append(output[0, len(prompt):].tolist())
    same = sum(answer["ids"] == ids for answer, ids in zip(answers, reference))

    print(f"{directory}: {model.config.model_type}, {sum(p.numel() for p in model.parameters())} parameters")
    print(f"  log-probabilities: {count}, largest error {error:.2e}, transformers' {own_error:.2e}")
    print(f"  greedy tokens:     {generated}, {mismatches} not the likeliest, largest error {new_error:.2e}, "
          f"closest decision {closest:.1e}")
    print(f"  continuations:     {same} of {len(prompts)} are those of generate()")
    # Sharp models magnify rounding; then twice transformers' own error is allowed.
    limit = max(tolerance, 2 * own_error)
    return error <= limit and new_error <= limit and mismatches == 0 and (
        same == len(prompts) or closest < margin)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="a model directory")
    parser.add_argument("--random", choices=["qwen3", "qwen3-untied", "qwen2", "qwen2-untied"])
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32")
    parser.add_argument("--vireo", default=".build/vireo")
    parser.add_argument("--tolerance", type=float, default=5e-5, help="largest error of a log-probability")
    parser.add_argument("--margin", type=float, default=1e-4, help="what two log-probabilities may differ by")
    arguments = parser.parse_args()
    if (arguments.model is None) == (arguments.random is None):
        parser.error("give a model directory, or --random")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.model
        if arguments.random:
            directory = temporary
            random_model(arguments.random, arguments.dtype, directory)
        passed = check(directory, arguments.vireo, arguments.tolerance, arguments.margin)
    print("  the same" if passed else "  NOT the same")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
