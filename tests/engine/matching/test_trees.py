from __future__ import annotations

import json

import numpy as np
import pytest

from dms_workbench.engine.matching.model import Model, shipped_model
from dms_workbench.engine.matching.trees import Trees


def test_a_tree_is_followed_to_its_leaves() -> None:
    trees = Trees.from_dict(
        {"figures": ["a", "b"], "start": 0.5, "trees": [[[0, 1.0, 1, 2], [1.0], [1, 0.0, 3, 4], [2.0], [4.0]]]}
    )
    figures = {"a": np.array([1.0, 2.0, 2.0], dtype=np.float32), "b": np.array([9.0, 0.0, 1.0], dtype=np.float32)}

    assert trees.log_odds(figures).tolist() == [1.5, 2.5, 4.5]


def test_our_trees_say_what_the_library_s_trees_say() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    from tests.benchmarks.matching_fit import exported

    dice = np.random.default_rng(1)
    rows = dice.normal(size=(500, 3)).astype(np.float32)
    right = rows[:, 0] + rows[:, 1] * rows[:, 2] > 0
    model = ensemble.HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, random_state=0).fit(rows, right)

    trees = Trees.from_dict(json.loads(json.dumps(exported(model, ["x", "y", "z"]))))

    ours = trees.chance({name: rows[:, place] for place, name in enumerate("xyz")})
    assert np.abs(ours - model.predict_proba(rows)[:, 1]).max() < 1e-5


def test_a_tree_of_too_many_leaves_is_refused() -> None:
    chain = [node for depth in range(8) for node in ([0, float(depth), 2 * depth + 1, 2 * depth + 2], [float(depth)])]

    with pytest.raises(ValueError, match="more than 8 leaves"):
        Trees.from_dict({"figures": ["a"], "start": 0.0, "trees": [[*chain, [9.0]]]})


def test_a_model_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="dms-matching/9"):
        Model.from_dict({"format": "dms-matching/9"})


def test_the_shipped_model_says_what_it_was_trained_on() -> None:
    assert "webshop" in shipped_model().trained_on
