"""A small BERT encoder in numpy: sentences to vectors, from a folder with a model's weights; no other library is needed.

Devlin and others, BERT: Pre-training of Deep Bidirectional Transformers, 2019; the vector of a text is the mean of its tokens'
(Reimers and Gurevych, Sentence-BERT, 2019), of length 1.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from ..errors import EmbeddingModelUnusable

Vectors = NDArray[np.float32]

LONGEST_TOKENS = 64
BATCH = 64
LARGEST_BYTES = 2_000_000_000
TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "F64": np.dtype("<f8")}
WEIGHTS, CONFIG, VOCABULARY, TOKENIZER = "model.safetensors", "config.json", "vocab.txt", "tokenizer.json"
LONGEST_WORD = 100
LARGEST_HEADER = 10_000_000


@dataclass(slots=True)
class Tokens:
    """WordPiece: the longest known piece first."""

    places: dict[str, int]
    lower: bool = True

    def of(self, text: str) -> list[int]:
        """The numbers of a text's tokens, with those that mark its start and end."""
        pieces = [place for word in self.words(text) for place in self.pieces(word)][: LONGEST_TOKENS - 2]
        return [self.places["[CLS]"], *pieces, self.places["[SEP]"]]

    def words(self, text: str) -> Iterator[str]:
        """Words and signs, without accents."""
        text = unicodedata.normalize("NFD", text.lower() if self.lower else text)
        spaced = "".join(
            letter if letter.isalnum() else f" {letter} " if unicodedata.category(letter)[0] in "PS" else
            "" if unicodedata.category(letter) == "Mn" else " "
            for letter in text
        )  # fmt: skip
        yield from spaced.split()

    def pieces(self, word: str) -> list[int]:
        """The pieces of a word; the unknown one where it cannot be cut."""
        unknown = [self.places["[UNK]"]]
        if len(word) > LONGEST_WORD:
            return unknown
        found, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            end = next((end for end in range(len(word), start, -1) if prefix + word[start:end] in self.places), None)
            if end is None:
                return unknown
            found.append(self.places[prefix + word[start:end]])
            start = end
        return found

    def whole(self, word: str) -> bool:
        """Is it one token: a word that the model was taught?"""
        return word in self.places


@dataclass(slots=True)
class Bert:
    """An encoder with its weights."""

    tokens: Tokens
    weights: dict[str, Vectors]
    layers: int
    heads: int
    epsilon: float

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, width); texts of one length are computed together."""
        listed = [self.tokens.of(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda number: len(listed[number]))
        width = self.weights["embeddings.word_embeddings.weight"].shape[1]
        found = np.zeros((len(texts), width), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            longest = len(listed[chosen[-1]])
            ids = np.zeros((len(chosen), longest), dtype=np.int64)
            mask = np.zeros((len(chosen), longest), dtype=np.float32)
            for row, number in enumerate(chosen):
                ids[row, : len(listed[number])] = listed[number]
                mask[row, : len(listed[number])] = 1
            found[chosen] = self.encoded(ids, mask)
        return found

    def encoded(self, ids: NDArray[np.int64], mask: Vectors) -> Vectors:
        """The mean of each text's tokens, of length 1."""
        table = self.weights
        x = table["embeddings.word_embeddings.weight"][ids]
        x = x + table["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + table["embeddings.token_type_embeddings.weight"][0]
        x = self.normed(x, "embeddings.LayerNorm")
        for number in range(self.layers):
            x = self.layer(x, mask, f"encoder.layer.{number}")
        mean = (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(mean / np.maximum(1e-9, np.linalg.norm(mean, axis=1, keepdims=True)), dtype=np.float32)

    def layer(self, x: Vectors, mask: Vectors, name: str) -> Vectors:
        """Attention, then two steps for each token alone."""
        attended = self.linear(self.attention(x, mask, f"{name}.attention.self"), f"{name}.attention.output.dense")
        x = self.normed(x + attended, f"{name}.attention.output.LayerNorm")
        wide = self.linear(x, f"{name}.intermediate.dense")
        wide = wide * 0.5 * (1 + erf(wide / math.sqrt(2)))
        return self.normed(x + self.linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def attention(self, x: Vectors, mask: Vectors, name: str) -> Vectors:
        """Each token looks at all tokens of its text."""
        rows, length, width = x.shape
        query, key, value = (
            self.linear(x, f"{name}.{part}").reshape(rows, length, self.heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(width // self.heads)
        scores = scores + (mask[:, None, None, :] - 1) * 1e9
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return np.asarray((scores @ value).transpose(0, 2, 1, 3).reshape(rows, length, width), dtype=np.float32)

    def linear(self, x: Vectors, name: str) -> Vectors:
        """A dense step."""
        return np.asarray(x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"], dtype=np.float32)

    def normed(self, x: Vectors, name: str) -> Vectors:
        """Layer normalisation."""
        mean = x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(((x - mean) ** 2).mean(axis=-1, keepdims=True) + self.epsilon)
        made = (x - mean) / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return np.asarray(made, dtype=np.float32)


def read_bert(folder: Path) -> Bert:
    """The encoder of a model folder, or of the one folder in it that holds a model. Raises EmbeddingModelUnusable."""
    try:
        place = model_place(folder)
        config = json.loads((place / CONFIG).read_text(encoding="utf-8"))
        weights = named_weights(read_safetensors(place / WEIGHTS))
        model = Bert(
            read_tokens(place), weights, int(config["num_hidden_layers"]), int(config["num_attention_heads"]),
            float(config.get("layer_norm_eps", 1e-12)),
        )  # fmt: skip
        model.vectors(["customer name"])
    except OSError as error:
        raise unusable(folder, f"{error.strerror or 'it cannot be read'}: {error.filename or ''}") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise unusable(folder, f"it is not a BERT encoder ({type(error).__name__}: {str(error)[:80]})") from None
    return model


def unusable(folder: Path, reason: str) -> EmbeddingModelUnusable:
    """The error for a folder."""
    return EmbeddingModelUnusable(folder=str(folder), reason=reason)


def model_place(folder: Path) -> Path:
    """Where the files are. Raises EmbeddingModelUnusable."""
    if not folder.is_dir():
        raise unusable(folder, "there is no such folder")
    for place in (folder, *sorted(each for each in folder.iterdir() if each.is_dir())):
        if (place / WEIGHTS).is_file() and (place / CONFIG).is_file():
            return place
    raise unusable(folder, f"it holds no {WEIGHTS} with a {CONFIG} beside it")


def read_tokens(place: Path) -> Tokens:
    """The vocabulary, from vocab.txt or tokenizer.json."""
    lower = True
    if (place / "tokenizer_config.json").is_file():
        lower = bool(json.loads((place / "tokenizer_config.json").read_text("utf-8")).get("do_lower_case", True))
    if (place / VOCABULARY).is_file():
        lines = (place / VOCABULARY).read_text(encoding="utf-8").splitlines()
        return Tokens({line: number for number, line in enumerate(lines)}, lower)
    return Tokens(dict(json.loads((place / TOKENIZER).read_text(encoding="utf-8"))["model"]["vocab"]), lower)


def read_safetensors(path: Path) -> dict[str, Vectors]:
    """The arrays of a safetensors file: eight bytes of length, a header in JSON, the numbers. Raises ValueError."""
    if path.stat().st_size > LARGEST_BYTES:
        raise ValueError("the weights are larger than 2 GB")
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if size > min(len(data), LARGEST_HEADER):
        raise ValueError("the weights are cut off")
    header: dict[str, Any] = json.loads(data[8 : 8 + size])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] in TYPES:
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            array = np.frombuffer(data[start:end], dtype=TYPES[entry["dtype"]])
            found[name] = array.reshape(entry["shape"]).astype(np.float32)
    return found


def named_weights(arrays: dict[str, Vectors]) -> dict[str, Vectors]:
    """The names without what stands before them in a larger model."""
    return {name.removeprefix("bert.").removeprefix("0.auto_model."): array for name, array in arrays.items()}
