"""A tiny encoder in the form of a model folder, its weights drawn by a seed, and the same arithmetic written out in loops."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "customer",
    "client",
    "name",
    "phone",
    "number",
    "em",
    "##ail",
    "city",
    "order",
    "##s",
]
WIDTH, WIDE, LAYERS, HEADS = 8, 16, 2, 2


def weights(seed: int = 7) -> dict[str, np.ndarray]:
    """All arrays of the encoder."""
    drawn = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (64, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{part}.weight": (WIDTH, WIDTH), f"{layer}.{part}.bias": (WIDTH,)}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{layer}.{part}.weight": (WIDTH,), f"{layer}.{part}.bias": (WIDTH,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (WIDE, WIDTH), f"{layer}.intermediate.dense.bias": (WIDE,)}
        shapes |= {f"{layer}.output.dense.weight": (WIDTH, WIDE), f"{layer}.output.dense.bias": (WIDTH,)}
    return {name: drawn.normal(0, 0.5, shape).astype("<f4") for name, shape in shapes.items()}


def write_model(folder: Path, arrays: dict[str, np.ndarray] | None = None, **config: Any) -> Path:
    """Write the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = weights() if arrays is None else arrays
    header, data = {}, b""
    for name, array in arrays.items():
        kind = {"float32": "F32", "float16": "F16"}[array.dtype.name]
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    head = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    (folder / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + data)
    known = {"num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "layer_norm_eps": 1e-12, **config}
    (folder / "config.json").write_text(json.dumps(known))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return folder


def by_hand(tokens: list[int]) -> list[float]:
    """The vector of a text, number by number."""
    table = {name: array.astype(float).tolist() for name, array in weights().items()}

    def dense(x, name):
        rows, bias = table[f"{name}.weight"], table[f"{name}.bias"]
        return [[sum(a * b for a, b in zip(row, each)) + c for row, c in zip(rows, bias)] for each in x]

    def norm(x, name):
        made = []
        for each in x:
            mean = sum(each) / WIDTH
            spread = math.sqrt(sum((a - mean) ** 2 for a in each) / WIDTH + 1e-12)
            scale, shift = table[f"{name}.weight"], table[f"{name}.bias"]
            made.append([(a - mean) / spread * b + c for a, b, c in zip(each, scale, shift)])
        return made

    def plus(x, y):
        return [[a + b for a, b in zip(one, other)] for one, other in zip(x, y)]

    def attention(x, name):
        query, key, value = (dense(x, f"{name}.{part}") for part in ("query", "key", "value"))
        size = WIDTH // HEADS
        made = [[0.0] * WIDTH for _ in x]
        for head in range(HEADS):
            span = range(head * size, (head + 1) * size)
            for row in range(len(x)):
                scores = [math.exp(sum(query[row][i] * other[i] for i in span) / math.sqrt(size)) for other in key]
                for i in span:
                    made[row][i] = sum(s / sum(scores) * value[k][i] for k, s in enumerate(scores))
        return made

    x = [
        [a + b + c for a, b, c in zip(
            table["embeddings.word_embeddings.weight"][token], table["embeddings.position_embeddings.weight"][place],
            table["embeddings.token_type_embeddings.weight"][0])]
        for place, token in enumerate(tokens)
    ]  # fmt: skip
    x = norm(x, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        x = norm(
            plus(x, dense(attention(x, f"{layer}.attention.self"), f"{layer}.attention.output.dense")),
            f"{layer}.attention.output.LayerNorm",
        )
        wide = [
            [a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in each]
            for each in dense(x, f"{layer}.intermediate.dense")
        ]
        x = norm(plus(x, dense(wide, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")
    mean = [sum(each[i] for each in x) / len(x) for i in range(WIDTH)]
    return [a / math.sqrt(sum(b * b for b in mean)) for a in mean]
