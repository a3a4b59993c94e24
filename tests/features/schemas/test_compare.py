from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dms_workbench.kernel.errors import NotFound
from dms_workbench.workbench import Workbench
from tests.migrating import make_source

RENAMED = "ALTER TABLE customers RENAME COLUMN name TO full_name"


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two files of one schema."""
    return make_source(tmp_path / "a.sqlite", rows=50), make_source(tmp_path / "b.sqlite", rows=50)


def test_equal_files_are_equal(workbench: Workbench, two: tuple[Path, Path]) -> None:
    found = workbench.schemas.diff(*two)

    assert (found.equal, found.exit_code, found.differences) == (True, 0, [])
    assert "equal" in str(found)
    assert "Equal." in found._repr_html_()


def test_a_difference_says_what_would_resolve_it(workbench: Workbench, two: tuple[Path, Path]) -> None:
    change(two[0], "ALTER TABLE customers ADD COLUMN city TEXT")

    found = workbench.schemas.diff(*two)

    assert found.exit_code == 4
    assert [str(each) for each in found.differences] == ["column customers.city is missing"]
    assert found.script() == 'ALTER TABLE "customers" ADD COLUMN "city" TEXT;\n'


def test_what_destroys_is_in_the_script_as_a_comment(workbench: Workbench, two: tuple[Path, Path]) -> None:
    change(two[1], "CREATE TABLE more (a INTEGER)")

    found = workbench.schemas.diff(*two)

    assert found.script() == '-- DROP TABLE "more";\n'
    assert found.script(destructive=True) == 'DROP TABLE "more";\n'


def test_a_rename_waits_for_an_answer(workbench: Workbench, two: tuple[Path, Path]) -> None:
    change(two[0], RENAMED)

    found = workbench.schemas.diff(*two)

    assert (found.exit_code, found.script()) == (4, "")
    [rename] = found.renames
    assert any("distinct values" in reason for reason in rename.evidence)
    rename.accept()
    assert found.script() == 'ALTER TABLE "customers" RENAME COLUMN "name" TO "full_name";\n'
    rename.reject()
    assert [each.change for each in found.differences] == ["missing", "extra"]


@pytest.mark.parametrize(("answer", "changes"), [("yes", ["changed"]), ("no", ["missing", "extra"])])
def test_renames_can_be_answered_beforehand(
    workbench: Workbench, two: tuple[Path, Path], answer: str, changes: list[str]
) -> None:
    change(two[0], RENAMED)

    found = workbench.schemas.diff(*two, assume_renames=answer)

    assert [each.change for each in found.differences] == changes


def test_a_snapshot_its_file_and_its_text_are_places_too(
    workbench: Workbench, two: tuple[Path, Path], tmp_path: Path
) -> None:
    before = workbench.schemas.snapshot(two[0])
    text = workbench.schemas.export(before.id).text
    (tmp_path / "before.yaml").write_text(text)
    change(two[0], "ALTER TABLE customers ADD COLUMN city TEXT")

    for place in (before, before.id, text, tmp_path / "before.yaml"):
        found = workbench.schemas.diff(two[0], place)
        assert [each.name for each in found.differences] == ["customers.city"]
    assert not workbench.schemas.diff(before, text).differences


def test_an_earlier_state_tells_who_changed_what(workbench: Workbench, two: tuple[Path, Path]) -> None:
    base = workbench.schemas.snapshot(two[0])
    change(two[0], "ALTER TABLE customers ADD COLUMN ours TEXT", "ALTER TABLE customers ADD COLUMN alike TEXT")
    change(two[1], "ALTER TABLE customers ADD COLUMN theirs BLOB", "ALTER TABLE customers ADD COLUMN alike TEXT")

    found = workbench.schemas.diff(*two, base)

    assert {each.name.partition(".")[2]: each.origin for each in found.differences} == {
        "ours": "ours", "theirs": "theirs", "alike": "both",
    }  # fmt: skip
    assert {each.name for each in found.unlike} == {"customers.ours", "customers.theirs"}


def test_the_history_tells_what_changed(workbench: Workbench, two: tuple[Path, Path]) -> None:
    first = workbench.schemas.snapshot(two[0])
    change(two[0], "CREATE TABLE orders (id INTEGER PRIMARY KEY)", "ALTER TABLE customers DROP COLUMN name")
    workbench.schemas.snapshot(two[0])

    newest, oldest = workbench.schemas.history(first.summary.connection_id)

    assert oldest.changes == "first"
    assert newest.changes == "1 column removed, 1 table added"
    assert newest.breaking == 1


def test_a_file_can_be_kept_in_the_history(workbench: Workbench, two: tuple[Path, Path]) -> None:
    kept = workbench.schemas.snapshot(two[0])
    text = workbench.schemas.export(kept.id).text
    change(two[1], "CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    other = workbench.schemas.snapshot(two[1])

    loaded = workbench.schemas.load(other.summary.connection_id, text)

    assert loaded.fingerprint == kept.fingerprint
    assert workbench.schemas.list(other.summary.connection_id).total == 2


def test_a_snapshot_that_is_not_there_cannot_be_exported(workbench: Workbench) -> None:
    with pytest.raises(NotFound):
        workbench.schemas.export("no-such-snapshot")


def test_the_page_holds_nothing_from_elsewhere_and_no_markup_of_names(
    workbench: Workbench, two: tuple[Path, Path]
) -> None:
    change(two[0], 'ALTER TABLE customers ADD COLUMN "<script>alert(1)</script>" TEXT')

    page = workbench.schemas.diff(*two).to_html()

    assert "<script>alert" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "prefers-color-scheme" in page


def test_the_compatibility_report_counts_without_values(workbench: Workbench, two: tuple[Path, Path]) -> None:
    change(
        two[1],
        "DELETE FROM customers",
        "DROP TABLE customers",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name INTEGER)",
    )

    found = workbench.schemas.compatibility(*two)

    assert found.exit_code == 4
    assert found.tables[0].rows_refused == 50
    assert "customer 1" not in repr(found)
    assert "50 refused: invalid-value" in str(found)
