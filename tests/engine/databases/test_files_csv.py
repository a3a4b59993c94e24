"""CSV files read exactly: dialects, encodings, faults, types."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from dms_workbench.engine.databases.files.automaton import Automaton
from dms_workbench.engine.databases.files.dialect import Dialect
from dms_workbench.engine.databases.files.errors import FileOptionInvalid, FilesDiffer
from dms_workbench.engine.databases.files.records import Place, Splitter
from dms_workbench.engine.databases.urls import database_for

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "torture" / "csv"
EXPECTED = json.loads((SHARED / "expected.json").read_text()) if SHARED.is_dir() else {}
COMPARABLE = sorted(name for name, wanted in EXPECTED.items() if isinstance(wanted["rows"], list) and wanted["header"])


def read(path: Path | str, query: str = "") -> tuple[list[str], list[list], list[int]]:
    """Names, rows that are records, and the lines of those that are none."""
    url = f"csv:///{path}{query}"
    source = database_for(url).open_source(url)
    (table,) = source.catalogue().tables
    names = [column.name for column in table.columns]
    rows, bad = [], []
    for batch in source.read(table, names):
        refused = {reject.row for reject in batch.rejects}
        lines = batch.keys[-2]
        bad += [lines[row] for row in sorted(refused)]
        rows += [[column[row] for column in batch.columns] for row in range(batch.rows) if row not in refused]
    return names, rows, bad


def types(path: Path, query: str = "") -> list[str]:
    """The native types that are found."""
    url = f"csv:///{path}{query}"
    return [column.type.native for column in database_for(url).open_source(url).catalogue().tables[0].columns]


def file(tmp_path: Path, content: bytes) -> Path:
    """A CSV file of this content."""
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", COMPARABLE)
def test_a_sample_is_read_as_expected(name: str) -> None:
    wanted = EXPECTED[name]
    numbers = "decimal" in wanted["options"]
    names, rows, bad = read(SHARED / f"{name}.csv", "" if numbers else "?types=text")
    assert bad == wanted["bad_lines"]
    assert len(names) == len(wanted["header"])
    if name != "late_type_change":
        assert [[None if v is None else str(v) for v in row] for row in rows] == wanted["rows"]


def test_bare_empty_is_null_and_quoted_empty_is_text(tmp_path: Path) -> None:
    assert read(file(tmp_path, b'a,b\n,""\n"",\n'))[1] == [[None, ""], ["", None]]


def test_a_bad_row_in_a_utf8_file_is_refused_alone(tmp_path: Path) -> None:
    _, rows, bad = read(file(tmp_path, "id,n\n1,é\n2,".encode() + b"\xff\n3,x\n"))
    assert (rows, bad) == ([[1, "é"], [3, "x"]], [3])


def test_western_text_of_one_byte_a_character_is_known_and_said(tmp_path: Path) -> None:
    path = file(tmp_path, "id;name\n1;Müller\n2;café\n".encode("latin-1"))
    assert read(path)[1] == [[1, "Müller"], [2, "café"]]
    url = f"csv:///{path}"
    options = dict(database_for(url).open_source(url).catalogue().tables[0].options)
    assert "Windows-1252" in options["reason"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-16"])
def test_unicode_in_any_form_is_read(tmp_path: Path, encoding: str) -> None:
    assert read(file(tmp_path, "id,n\r\n1,Ж😀\r\n".encode(encoding))) == (["id", "n"], [[1, "Ж😀"]], [])


def test_every_line_behind_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    assert read(file(tmp_path, b'id,n\n1,a\n2,"open\n3,b\n'))[1:] == ([[1, "a"]], [3, 4])


def test_a_field_of_megabytes_is_read_whole(tmp_path: Path) -> None:
    wide = "x,\n" * 1_000_000
    assert read(file(tmp_path, f'id,n\n1,"{wide}"\n2,y\n'.encode()))[1] == [[1, wide], [2, "y"]]


@pytest.mark.parametrize(
    ("values", "type"),
    [
        (["1", "-20", "9223372036854775807"], "BIGINT"),
        (["1", "18446744073709551615"], "VARCHAR"),
        (["01067", "10115"], "VARCHAR"),
        (["1e5", "2"], "VARCHAR"),
        (["NaN", "1.5"], "VARCHAR"),
        (["+4930", "1"], "VARCHAR"),
        (["1.50", "12.25"], "DECIMAL(4,2)"),
        (["1.5", "2.25", "3"], "DECIMAL(3,2)"),
        (["1.1", "1.10"], "VARCHAR"),
        (["-0.0", "1.0"], "VARCHAR"),
        (["2024-02-29", "2023-01-01"], "DATE"),
        (["2024-02-30", "2024-02-29"], "VARCHAR"),
        (["2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z"], "TIMESTAMP WITH TIME ZONE"),
        (["2024-01-01T10:00:00Z", "2024-01-01 10:00:01"], "VARCHAR"),
        (["2024-01-01 10:00:00", "2024-01-01 10:00:00.5"], "TIMESTAMP"),
        (["24:00:00", "12:00:00"], "VARCHAR"),
        (["true", "false"], "BOOLEAN"),
        (["t", "true"], "VARCHAR"),
    ],
)
def test_a_type_is_given_only_when_every_value_comes_back_as_written(
    tmp_path: Path, values: list[str], type: str
) -> None:
    lines = "\n".join(f"{at},{value}" for at, value in enumerate(values))
    assert types(file(tmp_path, f"id,v\n{lines}\n".encode()))[1] == type


def test_the_last_of_many_rows_decides_a_type_too(tmp_path: Path) -> None:
    lines = "\n".join(map(str, range(100_000)))
    assert types(file(tmp_path, f"v\n{lines}\nabc\n".encode())) == ["VARCHAR"]


def test_decimal_commas_are_found_where_the_file_is_cut_by_semicolons(tmp_path: Path) -> None:
    path = file(tmp_path, b"id;price\n1;1.234,50\n2;-0,5\n")
    assert (types(path), read(path)[1]) == (["BIGINT", "DECIMAL(6,2)"], [[1, "1234.50"], [2, "-0.5"]])


def test_a_file_beside_them_says_how_files_are_read(tmp_path: Path) -> None:
    file(tmp_path, b"1|x\n2|\n")
    (tmp_path / "dms-files.yaml").write_text("t.csv:\n  names: [code, text]\n  types: {code: text}\n  header: no\n")
    assert read(tmp_path) == (["code", "text"], [["1", "x"], ["2", None]], [])


def test_an_option_that_is_none_is_refused(tmp_path: Path) -> None:
    file(tmp_path, b"a,b\n1,2\n")
    (tmp_path / "dms-files.yaml").write_text("t.csv:\n  colour: red\n")
    with pytest.raises(FileOptionInvalid):
        read(tmp_path)


def test_a_value_that_is_not_of_the_type_asked_for_is_refused(tmp_path: Path) -> None:
    file(tmp_path, b"a,b\n1,x\ny,z\n")
    (tmp_path / "dms-files.yaml").write_text("t.csv:\n  types: {a: integer}\n")
    assert read(tmp_path) == (["a", "b"], [[1, "x"]], [3])


def test_files_of_a_folder_inside_are_parts_of_one_table(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "1.csv").write_text("id,v\n1,2\n")
    (tmp_path / "t" / "2.csv").write_text("id,v\n2,x\n")
    assert read(tmp_path)[1] == [[1, "2"], [2, "x"]]


def test_parts_of_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "1.csv").write_text("id,v\n1,2\n")
    (tmp_path / "t" / "2.csv").write_text("id,w\n2,x\n")
    with pytest.raises(FilesDiffer):
        read(tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_blocks_records_and_automaton_agree_on_any_text(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        width = chance.choice([1, 2, 3])
        data = "".join(chance.choice('aé,""\n\r') for _ in range(chance.randint(0, 25))).encode()
        dialect = Dialect()
        automaton = Automaton(",", '"', '"', "", "\n", width)
        wanted = [*automaton.feed(data.decode()), *automaton.finish()]
        for block_bytes in (2, 9, 1_000):
            pieces = Splitter(io.BytesIO(data), dialect, width, Place(0)).pieces(block_bytes)
            assert [row for piece in pieces for row in piece.by_row()] == wanted, data


@pytest.mark.parametrize("batch_rows", [1, 3])
def test_reading_goes_on_behind_any_position(tmp_path: Path, batch_rows: int) -> None:
    path = file(tmp_path, b'id,v\n1,a\n2,"b\nb"\n3\n4,"d"\n5,e\n')
    url = f"csv:///{path}"
    source = database_for(url).open_source(url)
    (table,) = source.catalogue().tables
    batches = list(source.read(table, ["id"], batch_rows=batch_rows))
    ids = [value for batch in batches for value in batch.columns[0]]
    given = 0
    for batch in batches:
        given += batch.rows
        rest = source.read(table, ["id"], after=batch.position, batch_rows=2)
        assert [value for more in rest for value in more.columns[0]] == ids[given:]
