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


Rows = list[list[float]]


class ByHand:
    """The vector of a text, number by number."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = {name: array.astype(float).tolist() for name, array in weights().items()}

    def vector(self, tokens: list[int]) -> list[float]:
        """As the encoder should compute it."""
        words, places = (self.table[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position"))
        first = self.table["embeddings.token_type_embeddings.weight"][0]
        x = [
            [words[token][i] + places[place][i] + first[i] for i in range(WIDTH)] for place, token in enumerate(tokens)
        ]
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(LAYERS):
            x = self.layer(x, f"encoder.layer.{number}")
        mean = [sum(each[i] for each in x) / len(x) for i in range(WIDTH)]
        return [a / math.sqrt(sum(b * b for b in mean)) for a in mean]

    def layer(self, x: Rows, layer: str) -> Rows:
        attended = self.dense(self.attention(x, f"{layer}.attention.self"), f"{layer}.attention.output.dense")
        x = self.norm(plus(x, attended), f"{layer}.attention.output.LayerNorm")
        wide = self.dense(x, f"{layer}.intermediate.dense")
        wide = [[a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in each] for each in wide]
        return self.norm(plus(x, self.dense(wide, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")

    def dense(self, x: Rows, name: str) -> Rows:
        rows, bias = self.table[f"{name}.weight"], self.table[f"{name}.bias"]
        return [[dot(row, each) + shift for row, shift in zip(rows, bias, strict=True)] for each in x]

    def norm(self, x: Rows, name: str) -> Rows:
        scale, shift = self.table[f"{name}.weight"], self.table[f"{name}.bias"]
        made = []
        for each in x:
            mean = sum(each) / WIDTH
            spread = math.sqrt(sum((a - mean) ** 2 for a in each) / WIDTH + 1e-12)
            made.append([(each[i] - mean) / spread * scale[i] + shift[i] for i in range(WIDTH)])
        return made

    def attention(self, x: Rows, name: str) -> Rows:
        query, key, value = (self.dense(x, f"{name}.{part}") for part in ("query", "key", "value"))
        size = WIDTH // HEADS
        made = [[0.0] * WIDTH for _ in x]
        for row in range(len(x)):
            for i in range(WIDTH):
                head = slice(i // size * size, i // size * size + size)
                scores = [math.exp(dot(query[row][head], other[head]) / math.sqrt(size)) for other in key]
                made[row][i] = sum(score / sum(scores) * other[i] for score, other in zip(scores, value, strict=True))
        return made


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def plus(x: Rows, y: Rows) -> Rows:
    return [[a + b for a, b in zip(one, other, strict=True)] for one, other in zip(x, y, strict=True)]


def by_hand(tokens: list[int]) -> list[float]:
    """The vector of a text."""
    return ByHand().vector(tokens)
