from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Gt

from dms_workbench.kernel.wire import schema
from dms_workbench.surfaces.widgets.generate import FILE, interface, main, sent_messages, type_of, typescript


@dataclass(frozen=True)
class Inner:
    """A part."""

    size_bytes: int


@dataclass(frozen=True)
class Whole:
    """All kinds of fields."""

    name: str
    rows: Annotated[int, Gt(0)]
    share: float | None
    mode: Literal["create", "append"]
    parts: tuple[Inner, ...]
    pair: tuple[int, str]
    facts: dict[str, Any]
    counts: dict[str, int]
    verify: bool = True


def test_each_kind_of_field_has_its_typescript_type():
    assert interface("Whole", schema(Whole)).splitlines() == [
        "/** All kinds of fields. */",
        "export interface Whole {",
        "  name: string;",
        "  rows: number;",
        "  share: number | null;",
        '  mode: "create" | "append";',
        "  parts: Inner[];",
        "  pair: [number, string];",
        "  facts: Record<string, unknown>;",
        "  counts: Record<string, number>;",
        "  verify?: boolean;",
        "}",
    ]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "(string | null)[]"),
        ({}, "unknown"),
    ],
)
def test_odd_schemas_become_types_too(form, written):
    assert type_of(form) == written


def test_every_message_a_widget_sends_is_in_the_table():
    text = typescript(sent_messages())

    assert "PauseRun: { fields: PauseRun; result: Run };" in text


def test_the_committed_file_is_fresh():
    if not FILE.parent.is_dir():
        pytest.fail(f"{FILE.parent} is missing: these tests run in a checkout or an unpacked sdist")
    assert FILE.read_text(encoding="utf-8") == typescript(sent_messages())


def test_check_tells_a_stale_file(tmp_path, capsys):
    file = tmp_path / "messages.ts"
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0

    file.write_text("old", encoding="utf-8")

    assert main(["--check", str(file)]) == 1
    assert "not fresh" in capsys.readouterr().err
