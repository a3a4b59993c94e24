from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from nbformat.v4 import new_code_cell, new_notebook

from dms_workbench.features.notebooks import (
    NotebookNotParametrised,
    ParameterNotPlain,
    SecretInParameter,
    UnknownParameter,
    WrongParameterType,
    checked,
    declared,
)

SOURCE = 'source = ""\nrows: int = 5\nshare = 0.5\nverify = True\nlimit = None\ntables = []\nbuilt = str(1)'


def notebook(source: str = SOURCE, *tags: str) -> Any:
    return new_notebook(
        cells=[new_code_cell("x = 1"), new_code_cell(source, metadata={"tags": [*tags] or ["parameters"]})]
    )


def test_parameters_are_read_with_their_defaults() -> None:
    assert declared(notebook()) == {
        "source": "", "rows": 5, "share": 0.5, "verify": True, "limit": None, "tables": [], "built": ...,
    }  # fmt: skip


def test_a_notebook_without_the_tag_takes_no_parameters() -> None:
    with pytest.raises(NotebookNotParametrised, match="small takes no parameters"):
        checked(notebook(SOURCE, "other"), {"rows": 1}, "small")


def test_no_values_need_no_declaration() -> None:
    assert checked(notebook(SOURCE, "other"), {}) == {}


def test_declared_values_pass() -> None:
    values = {"source": "@shop", "rows": 7, "share": 1, "verify": False, "limit": 3, "tables": ["a"], "built": "x"}
    assert checked(notebook(), values) == values


@pytest.mark.parametrize("name", ["rows=1;open('x','w') #", "rows = 1", "class", "rows\n", "__import__('os')", "", 5])
def test_a_name_that_would_be_code_is_refused(name: Any) -> None:
    with pytest.raises(UnknownParameter):
        checked(notebook(), {name: 1})


def test_an_undeclared_name_is_refused_with_the_nearest_declared_one() -> None:
    with pytest.raises(UnknownParameter, match="Did you mean rows"):
        checked(notebook(), {"row": 1})


@given(some.text(max_size=30).filter(lambda text: text not in declared(notebook())))
def test_no_other_text_is_ever_a_parameter(name: str) -> None:
    with pytest.raises(UnknownParameter):
        checked(notebook(), {name: 1})


@pytest.mark.parametrize(
    ("name", "value"), [("rows", "5"), ("rows", True), ("verify", 1), ("source", 5), ("share", "x")]
)
def test_a_value_of_another_type_than_the_default_is_refused(name: str, value: Any) -> None:
    with pytest.raises(WrongParameterType, match=f"Parameter {name}"):
        checked(notebook(), {name: value})


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://me:hunter2@localhost/shop",
        "postgresql://:hunter2@localhost/shop",
        "postgresql://localhost/shop?user=me&password=hunter2",
        "host=localhost password=hunter2",
    ],
)
def test_a_password_in_a_value_is_refused_and_not_repeated(value: str) -> None:
    for given_value in (value, [value], {"url": value}):
        with pytest.raises(SecretInParameter) as raised:
            checked(notebook(), {"limit": given_value})
        assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    ["@shop", "sqlite:///shop.sqlite", "postgresql://me@localhost:5432/shop", "postgresql://me:${PGPASS_SHOP}@host/db"],
)
def test_references_and_urls_without_password_pass(value: str) -> None:
    assert checked(notebook(), {"source": value}) == {"source": value}


@pytest.mark.parametrize("value", [object(), b"x", {1, 2}])
def test_a_value_that_is_not_plain_is_refused(value: Any) -> None:
    with pytest.raises(ParameterNotPlain):
        checked(notebook(), {"limit": value})
