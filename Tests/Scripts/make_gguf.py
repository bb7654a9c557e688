#!/usr/bin/env python3
"""Converts a Qwen3 model of float32 weights for llama-server: make_gguf.py MODEL_DIRECTORY END_TOKEN OUTPUT

The server stops at END_TOKEN, the text of an added token. Texts of tokens are placeholders, because requests and answers
consist of ids, and the server would stop at tokens whose texts it knows as end marks. Only the standard library is
needed."""
import json
import struct
import sys

directory, output = sys.argv[1], sys.argv[3]
added = json.load(open(directory + "/tokenizer.json"))["added_tokens"]
end = next(token["id"] for token in added if token["content"] == sys.argv[2])
config = json.load(open(directory + "/config.json"))
data = open(directory + "/model.safetensors", "rb").read()
start = 8 + struct.unpack("<Q", data[:8])[0]
weights = json.loads(data[8:start])
weights.pop("__metadata__", None)

NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
         "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
         "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
         "lm_head.weight": "output.weight"}


def name(key):
    if key in WHOLE:
        return WHOLE[key]
    _, _, layer, part = key.split(".", 3)
    return f"blk.{layer}.{NAMES[part.removesuffix('.weight')]}.weight"


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def value(value):
    """A type and a value: texts, 32-bit numbers, truth values, and lists of them."""
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<Ii", 5, value) if value < 0 else struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    items = [globals()["value"](item) for item in value]
    return struct.pack("<I", 9) + items[0][:4] + struct.pack("<Q", len(items)) + b"".join(i[4:] for i in items)


vocabulary = config["vocab_size"]
settings = {
    "general.architecture": "qwen3",
    "qwen3.context_length": config["max_position_embeddings"],
    "qwen3.embedding_length": config["hidden_size"],
    "qwen3.block_count": config["num_hidden_layers"],
    "qwen3.feed_forward_length": config["intermediate_size"],
    "qwen3.attention.head_count": config["num_attention_heads"],
    "qwen3.attention.head_count_kv": config["num_key_value_heads"],
    "qwen3.attention.key_length": config["head_dim"],
    "qwen3.attention.value_length": config["head_dim"],
    "qwen3.attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]),
    "qwen3.rope.freq_base": float(config["rope_theta"]),
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.tokens": [f"t{token} " for token in range(vocabulary)],
    "tokenizer.ggml.scores": [0.0] * vocabulary,
    # 1 is a normal token, 3 a control token; the type of the list is that of signed numbers.
    "tokenizer.ggml.token_type": [3 if token == end else 1 for token in range(vocabulary)],
    "tokenizer.ggml.bos_token_id": 0,
    "tokenizer.ggml.eos_token_id": end,
    "tokenizer.ggml.unknown_token_id": 0,
    "tokenizer.ggml.add_bos_token": False,
}


def padded(part):
    return part + bytes(-len(part) % 32)


tensors, offset = [], 0
head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(settings))
for key, entry in settings.items():
    encoded = value(entry)
    if key == "tokenizer.ggml.token_type":
        encoded = encoded.replace(struct.pack("<II", 9, 4), struct.pack("<II", 9, 5), 1)
    head += text(key) + encoded
for key, entry in sorted(weights.items()):
    assert entry["dtype"] == "F32", key
    first, last = (start + place for place in entry["data_offsets"])
    shape = entry["shape"][::-1]
    head += text(name(key)) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape)
    head += struct.pack("<IQ", 0, offset)
    tensors.append(padded(data[first:last]))
    offset += len(tensors[-1])
with open(output, "wb") as file:
    file.write(padded(head) + b"".join(tensors))
