#!/usr/bin/env python3
"""Writes a model directory of Hugging Face's layout with random weights, in the shape of a published model.

    make_checkpoint.py qwen2.5-0.5b|qwen3-0.6b DIRECTORY [--dtype bf16|f32] [--shards N] [--layers N]

Needs nothing but Python. The tokenizer is a byte-level BPE without merges, with the words of Countdown added, so that
every stage can work with the model."""
import argparse
import array
import json
import os
import random
import struct

SHAPES = {
    "qwen2.5-0.5b": dict(
        model_type="qwen2", hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14,
        num_key_value_heads=2, head_dim=64, max_position_embeddings=32768),
    "qwen3-0.6b": dict(
        model_type="qwen3", hidden_size=1024, intermediate_size=3072, num_hidden_layers=28, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, max_position_embeddings=40960),
}
VOCABULARY = 151936
SPECIAL = ["<pad>", "<q>", "<hint>", "<think>", "</think>", "<eos>"]


def tensors(c):
    d, ff, h = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    q, kv = c["num_attention_heads"] * h, c["num_key_value_heads"] * h
    yield "model.embed_tokens.weight", [VOCABULARY, d], 0.02
    for layer in range(c["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        yield at + "input_layernorm.weight", [d], None
        yield at + "mlp.down_proj.weight", [d, ff], ff ** -0.5
        yield at + "mlp.gate_proj.weight", [ff, d], d ** -0.5
        yield at + "mlp.up_proj.weight", [ff, d], d ** -0.5
        yield at + "post_attention_layernorm.weight", [d], None
        for name, rows in ("k", kv), ("q", q), ("v", kv):
            if c["model_type"] == "qwen2":
                yield at + f"self_attn.{name}_proj.bias", [rows], 0.02
            elif name != "v":
                yield at + f"self_attn.{name}_norm.weight", [h], None
            yield at + f"self_attn.{name}_proj.weight", [rows, d], d ** -0.5
        yield at + "self_attn.o_proj.weight", [d, q], q ** -0.5
    yield "model.norm.weight", [d], None


def values(random_, count, deviation, dtype):
    """Bytes of `count` numbers: ones, or random signs times [deviation / 2, deviation) on bfloat16's grid."""
    exponent = struct.unpack("<I", struct.pack("<f", (deviation or 1) / 2))[0] >> 16 & 0x7F80
    halves = array.array("H", random_.randbytes(2 * count) if deviation else bytes(2 * count))
    if deviation:
        # The sign and the seven bits of the fraction are random, the exponent is not.
        mask, bits = 0x807F, exponent
        whole = int.from_bytes(halves.tobytes(), "little")
        ones = int.from_bytes(struct.pack("<H", mask) * count, "little")
        fixed = int.from_bytes(struct.pack("<H", bits) * count, "little")
        data = (whole & ones | fixed).to_bytes(2 * count, "little")
    else:
        data = struct.pack("<H", 0x3F80) * count
    if dtype == "bf16":
        return data
    wide = bytearray(4 * count)
    wide[2::4], wide[3::4] = data[0::2], data[1::2]
    return bytes(wide)


def write_file(path, entries, random_, dtype):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in entries:
        size = (2 if dtype == "bf16" else 4) * (shape[0] * (shape[1] if len(shape) > 1 else 1))
        header[name] = dict(dtype="BF16" if dtype == "bf16" else "F32", shape=shape, data_offsets=[offset, offset + size])
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, deviation in entries:
            columns = shape[1] if len(shape) > 1 else 1
            for start in range(0, shape[0], 1024):
                rows = min(1024, shape[0] - start)
                file.write(values(random_, rows * columns, deviation, dtype))
    return offset


def byte_names():
    """The characters that stand for bytes in a byte-level vocabulary: those of GPT-2."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    names, extra = {b: chr(b) for b in kept}, 256
    for b in range(256):
        if b not in names:
            names[b], extra = chr(extra), extra + 1
    return names


def write_tokenizer(path):
    vocabulary = {name: index for index, (_, name) in enumerate(sorted(byte_names().items()))}
    words = [(word, True) for word in SPECIAL]
    added = [
        dict(id=256 + i, content=word, single_word=False, lstrip=False, rstrip=False, normalized=False, special=special)
        for i, (word, special) in enumerate(words)]
    byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=False, use_regex=False)
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    json.dump(dict(
        version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=dict(type="NFC"),
        pre_tokenizer=dict(type="Sequence", pretokenizers=[
            dict(type="Split", pattern=dict(Regex=pattern), behavior="Isolated", invert=False), byte_level]),
        post_processor=byte_level, decoder=byte_level,
        model=dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix="", end_of_word_suffix="",
                   fuse_unk=False, byte_fallback=False, ignore_merges=False, vocab=vocabulary, merges=[])),
        open(path, "w"), ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("directory")
    parser.add_argument("--dtype", choices=["bf16", "f32"], default="bf16")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--layers", type=int)
    arguments = parser.parse_args()
    c = dict(SHAPES[arguments.shape])
    if arguments.layers:
        c["num_hidden_layers"] = arguments.layers
    os.makedirs(arguments.directory, exist_ok=True)
    entries, random_ = list(tensors(c)), random.Random(0)
    config = dict(
        c, architectures=["Qwen2ForCausalLM" if c["model_type"] == "qwen2" else "Qwen3ForCausalLM"], hidden_act="silu",
        vocab_size=VOCABULARY, rms_norm_eps=1e-6, rope_theta=1e6, tie_word_embeddings=True, eos_token_id=261,
        use_sliding_window=False, torch_dtype="bfloat16" if arguments.dtype == "bf16" else "float32")
    json.dump(config, open(f"{arguments.directory}/config.json", "w"), indent=2)
    write_tokenizer(f"{arguments.directory}/tokenizer.json")
    if arguments.shards == 1:
        write_file(f"{arguments.directory}/model.safetensors", entries, random_, arguments.dtype)
        return
    total, weight_map = 0, {}
    for shard in range(arguments.shards):
        name = f"model-{shard + 1:05}-of-{arguments.shards:05}.safetensors"
        part = entries[shard::arguments.shards]
        total += write_file(f"{arguments.directory}/{name}", part, random_, arguments.dtype)
        weight_map.update({entry[0]: name for entry in part})
    json.dump(dict(metadata=dict(total_size=total), weight_map=weight_map),
              open(f"{arguments.directory}/model.safetensors.index.json", "w"), indent=2)


main()
