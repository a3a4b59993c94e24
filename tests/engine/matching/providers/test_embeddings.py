from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dms_workbench.engine.matching import ColumnOutline, SchemaOutline, TableOutline, suggest
from dms_workbench.engine.matching.errors import EmbeddingModelUnusable
from dms_workbench.engine.matching.providers import EmbeddingHint, Embeddings, Option, Question
from dms_workbench.engine.matching.providers.bert import read_bert
from tests.benchmarks.matching_cases import own_problems
from tests.engine.matching.providers.models import WORDS, by_hand, weights, write_model


def outline(**tables: str) -> SchemaOutline:
    return SchemaOutline(
        tuple(TableOutline(name, tuple(ColumnOutline(column, "text") for column in columns.split())) for name, columns in tables.items())
    )  # fmt: skip


def test_texts_are_cut_into_the_longest_known_pieces(tmp_path: Path) -> None:
    tokens = read_bert(write_model(tmp_path)).tokens

    def pieces(text: str) -> list[str]:
        return [WORDS[place] for place in tokens.of(text)]

    assert pieces("Customer Emails") == ["[CLS]", "customer", "em", "##ail", "##s", "[SEP]"]
    assert pieces("orders, ÇITY xyz") == ["[CLS]", "order", "##s", "[UNK]", "city", "[UNK]", "[SEP]"]
    assert pieces("") == ["[CLS]", "[SEP]"]
    assert len(pieces("name " * 1000)) == 64


def test_vectors_are_those_of_the_arithmetic_written_out(tmp_path: Path) -> None:
    model = read_bert(write_model(tmp_path))
    texts = ["customer name", "email", "client phone number orders", ""]

    vectors = model.vectors(texts)

    for vector, text in zip(vectors, texts, strict=True):
        assert vector == pytest.approx(by_hand(model.tokens.of(text)), abs=1e-4)


def test_a_vector_does_not_depend_on_what_is_computed_with_it(tmp_path: Path) -> None:
    model = read_bert(write_model(tmp_path))

    alone, together = model.vectors(["name"]), model.vectors(["client phone number orders", "name", "city"])

    assert together[1] == pytest.approx(alone[0], abs=1e-5)


def test_weights_of_half_precision_and_names_with_a_prefix_are_read(tmp_path: Path) -> None:
    half = write_model(tmp_path / "a", {f"bert.{name}": array.astype("<f2") for name, array in weights().items()})

    assert read_bert(half).vectors(["city"])[0] == pytest.approx(
        read_bert(write_model(tmp_path / "b")).vectors(["city"])[0], abs=0.02
    )


def test_a_model_in_a_folder_below_and_a_vocabulary_in_json_are_found(tmp_path: Path) -> None:
    place = write_model(tmp_path / "0_Transformer")
    (place / "vocab.txt").unlink()
    (place / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {word: at for at, word in enumerate(WORDS)}}}))

    assert read_bert(tmp_path).vectors(["city"]).shape == (1, 8)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b""), "not a BERT encoder"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 100), "cut off"),
        (lambda folder: (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-50]), "not a BERT"),
        (lambda folder: (folder / "config.json").write_text("{}"), "num_hidden_layers"),
        (lambda folder: (folder / "config.json").write_text("["), "not a BERT encoder"),
        (lambda folder: (folder / "vocab.txt").write_text("a\nb"), "not a BERT encoder"),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_model_is_refused_in_words(tmp_path: Path, spoil, reason: str) -> None:
    spoil(write_model(tmp_path))
    with pytest.raises(EmbeddingModelUnusable, match=reason):
        read_bert(tmp_path)


def test_a_folder_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelUnusable, match="no such folder"):
        Embeddings.read(tmp_path / "no")


def test_candidates_are_scored_by_their_nearness(tmp_path: Path) -> None:
    provider = Embeddings.read(write_model(tmp_path))
    target = Option("client", "phone_number", "text")

    scores = provider.rank(
        [Question(target, (Option("client", "PhoneNumber", "text"), Option("order", "city", "text")))]
    )

    assert scores[0] is not None
    assert scores[0][0] == pytest.approx(1.0, abs=1e-5)
    assert scores[0][1] < 0.9999
    assert provider.rank([Question(target, ())]) == [None]


def test_names_that_are_no_words_are_left_as_they_were(tmp_path: Path) -> None:
    hint = EmbeddingHint(Embeddings.read(write_model(tmp_path)))
    source, target = outline(kd01="kdnr kdbez kdort"), outline(xq="qnr qbez qort")

    assert suggest(source, target, hints=[hint]) == suggest(source, target)


class Knowing(Embeddings):
    """Knows the right answers: what a very good model would say."""

    def rank(self, questions):
        return [[float(one.column == each.target.column) for one in each.candidates] for each in questions]


def test_a_model_that_is_right_moves_candidates_ahead_and_says_so(tmp_path: Path) -> None:
    source = outline(a="customer city name phone", b="customer city name phone")
    target = outline(x="customer city name phone")
    hint = EmbeddingHint(Knowing(read_bert(write_model(tmp_path))))

    found = suggest(source, target, hints=[hint])

    assert any(
        "near in meaning" in reason for each in found.columns for one in each.candidates for reason in one.reasons
    )


@pytest.mark.parametrize("name", ["crm", "board"])
def test_a_model_that_knows_nothing_does_little_harm(name: str, tmp_path: Path) -> None:
    problem = next(each for each in own_problems() if each.name == name)
    hint = EmbeddingHint(Embeddings.read(write_model(tmp_path, {n: np.asarray(a) for n, a in weights(3).items()})))

    def right(found) -> int:
        return sum(
            (each.candidates[0].table, each.candidates[0].column) in problem.truth.get((each.table, each.column), ())
            for each in found.columns
        )

    plain = right(suggest(problem.source, problem.target))
    assert right(suggest(problem.source, problem.target, hints=[hint])) >= 0.97 * plain
