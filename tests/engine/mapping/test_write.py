from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import ColumnMap, Lookup, Mapping, TableMap, parse_mapping, write_mapping
from tests.engine.mapping.samples import SHOP

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
constants = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
    st.integers(-(10**17), 10**17).map(str),
    st.sampled_from(["NULL", "TRUE", "FALSE", "1.50", "-0.5"]),
)
columns = st.one_of(
    st.builds(ColumnMap, names, source=names, type=st.none() | names),
    st.builds(ColumnMap, names, expression=names | constants, type=st.none() | names),
)
tables = st.builds(
    TableMap,
    names,
    names,
    columns=st.none() | st.lists(columns, min_size=1, max_size=4, unique_by=lambda c: c.target).map(tuple),
    where=st.none() | names,
    ignore=st.lists(names, max_size=3).map(tuple),
)
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.decimals(-9999, 9999, places=3).map(float), names
)
lookups = st.one_of(
    st.builds(Lookup, names, values=st.dictionaries(names, values, max_size=4)),
    st.builds(Lookup, names, table=names, key=names, value=names),
)
mappings = st.builds(
    Mapping,
    names,
    st.lists(tables, min_size=1, max_size=3).map(tuple),
    lookups=st.lists(lookups, max_size=3, unique_by=lambda lookup: lookup.name).map(tuple),
    source_fingerprint=st.none() | names,
    target_fingerprint=st.none() | names,
    based_on=st.none() | names,
)


def without_places(mapping: Mapping) -> Mapping:
    return replace(
        mapping,
        tables=tuple(
            replace(
                table,
                line=0,
                column=0,
                columns=None if table.columns is None else tuple(replace(c, line=0, column=0) for c in table.columns),
            )
            for table in mapping.tables
        ),
    )


@given(mappings)
def test_what_is_written_is_read_back_the_same(mapping: Mapping) -> None:
    text = write_mapping(mapping)
    again = parse_mapping(text)
    assert without_places(again) == mapping
    assert write_mapping(again) == text


def test_the_form_is_one_line_a_column() -> None:
    text = write_mapping(parse_mapping(SHOP))
    assert text == SHOP.replace("   # a plain word: that source column", "").replace(
        "{values: {N: new, P: paid}}", '\n    values:\n      "N": new\n      P: paid'
    ).replace("order_status: \n", "order_status:\n")


def test_words_that_other_readers_take_for_something_else_are_quoted() -> None:
    mapping = Mapping("on", (TableMap("null", "Yes", (ColumnMap("n", source="true"),)),))
    assert write_mapping(mapping) == (
        'format: dms-mapping/1\nname: "on"\ntables:\n  - source: "null"\n    target: "Yes"\n'
        '    columns:\n      "n": "true"\n'
    )
