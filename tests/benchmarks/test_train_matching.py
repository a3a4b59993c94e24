"""Training and judging the matcher, on few schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dms_workbench.engine.matching import SchemaOutline, suggest
from dms_workbench.engine.matching.model import Confidence, Model, shipped_model
from tests.benchmarks.matching_cases import Problem, own_problems
from tests.benchmarks.matching_confidence import regression
from tests.benchmarks.matching_folders import ablated, benchmark_sets, families
from tests.benchmarks.matching_scores import Scores, orphan_scores, scores_of
from tests.benchmarks.matching_validation import pooled, shortfalls
from tests.benchmarks.train_matching import main

FEW = ("gallery", "hotel")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The files of two trainings on the same few schemas, the second with trees kept by nobody."""
    pytest.importorskip("sklearn")
    files = [tmp_path_factory.mktemp("model") / "model.json" for _ in range(2)]
    for file in files:
        assert main(["--own", *FEW, "--write", str(file)]) == 0
    return [file.read_bytes() for file in files]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_training_twice_gives_the_same_file(trained: list[bytes]) -> None:
    assert trained[0] == trained[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_trained_model_names_what_it_was_trained_on_and_finds_columns(trained: list[bytes]) -> None:
    model = Model.from_dict(json.loads(trained[0]))
    problem = own_problems(["hotel"])[0]

    assert [name for name in model.trained_on if " " not in name] == list(FEW)
    assert scores_of(problem, suggest(problem.source, problem.target, model=model)).accuracy >= 0.8


def test_the_shipped_model_was_trained_on_all_of_our_own_schemas() -> None:
    assert {problem.name for problem in own_problems()} <= set(shipped_model().trained_on)


def test_little_is_assigned_to_columns_whose_source_was_taken_away() -> None:
    scores = Scores()
    for problem in own_problems(FEW):
        for left, orphans in ablated(problem):
            scores += orphan_scores(suggest(left.source, left.target), orphans)

    assert len(scores.orphans) >= 40
    assert scores.orphans_confident <= 0.02
    assert scores.orphans_assigned <= 0.1


def test_what_was_taken_away_is_gone_with_the_links_to_it() -> None:
    for left, orphans in ablated(own_problems(["hotel"])[0]):
        names = {table.name for table in left.source.tables}
        assert all(link.table in names for table in left.source.tables for link in table.links)
        assert orphans
        assert all(not left.truth[orphan] for orphan in orphans)


def test_calibration_error_is_the_gap_between_confidence_and_outcome() -> None:
    sure_and_right = Scores(first=[(1.0, True)] * 50)
    half_right = Scores(first=[(0.5, place % 2 == 0) for place in range(40)])
    too_sure = Scores(first=[(0.9, place % 2 == 0) for place in range(40)])

    assert sure_and_right.calibration_error == 0
    assert half_right.calibration_error == pytest.approx(0)
    assert too_sure.calibration_error == pytest.approx(0.4)


def test_a_column_without_suggestion_counts_as_wrong() -> None:
    problem = own_problems(["hotel"])[0]

    scores = scores_of(problem, suggest(SchemaOutline(()), problem.target))

    assert (scores.accuracy, scores.share, scores.precision) == (0.0, 0.0, 1.0)
    assert len(scores.first) == len(problem.truth)


def test_what_is_not_as_demanded_is_said() -> None:
    good = Scores(first=[(0.99, True)] * 200, by_set=[1.0], orphans=[-1.0] * 99 + [0.8])
    bad = Scores(first=[(0.95, place % 2 == 0) for place in range(100)], by_set=[0.5], orphans=[0.95] * 10)

    assert shortfalls(pooled([("A", good)])) == []
    assert "tier B: precision is 0.500, at least 0.97 is demanded" in shortfalls(pooled([("B", bad)]))
    assert any(text.startswith("tier B: orphans_confident is 1.000") for text in shortfalls(pooled([("B", bad)])))


def test_sets_that_share_a_product_are_one_family() -> None:
    found = families(["shop_mysql__store_pg", "forum__board", "store__other_mysql"])

    assert found["shop_mysql__store_pg"] == found["store__other_mysql"]
    assert found["forum__board"] != found["store__other_mysql"]


def test_a_folder_of_sets_is_read_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    for name in ("x_sqlite__x_pg", "y_sqlite__y_pg"):
        (tmp_path / f"{name}.json").write_text(json.dumps(small_set(name)), encoding="utf-8")

    code = main(["--also", str(tmp_path), "--cross-validate", "--own", "gallery", "--kept", str(tmp_path / "kept")])

    told = capsys.readouterr().out
    assert [each.family for each in benchmark_sets(tmp_path)] == ["+x", "+y"]
    assert "x_sqlite__x_pg" in told
    assert "orphans" in told
    assert code == (0 if "everything is as demanded" in told else 1)
    assert len(list((tmp_path / "kept").glob("*.json"))) > 1


def small_set(name: str) -> dict[str, Any]:
    """A set of the same schema twice, as the folders hold them."""
    problem: Problem = own_problems(["hotel"])[0]
    tables = [
        {"name": each.name, "columns": [{"name": column.name, "type": column.native} for column in each.columns]}
        for each in problem.target.tables
    ]
    truth = [
        {"source": [each.name, column.name], "target": [each.name, column.name]}
        for each in problem.target.tables
        for column in each.columns
    ]
    sides = {"source": {"tables": tables}, "target": {"tables": tables}}
    return {"name": name, "tier": "A", **sides, "truth": truth, "truth_complete": True}


def test_no_figure_of_a_pair_lowers_the_confidence() -> None:
    dice = np.random.default_rng(1)
    rows = dice.normal(size=(400, 2))
    right = rows[:, 0] - rows[:, 1] + dice.normal(size=400) > 0

    bound = regression(rows, right, np.ones(400), [False, False])
    free = regression(rows, right, np.ones(400), [False, True])

    assert bound[1] > 0.5
    assert bound[2] == 0
    assert free[2] < -0.5


def test_names_that_share_nothing_are_never_sure() -> None:
    sure = Confidence((("one", 9.0), ("named", 0.0)))

    found = sure.of({"named": np.array([0.1, 0.9], dtype=np.float32)})

    assert found[0] == 0.5
    assert found[1] > 0.99


def test_our_bits_are_numpy_s_lowest_bits() -> None:
    from dms_workbench.engine.matching.trees import lowest_bits

    bytes_ = np.arange(1, 256)
    assert (2 ** lowest_bits()[1:] == (bytes_ & -bytes_)).all()
