from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import (
    ColumnMap,
    Decision,
    Join,
    Lookup,
    Mapping,
    TableMap,
    parse_mapping,
    write_mapping,
)
from tests.engine.mapping.samples import SHOP

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
constants = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
    st.integers(-(10**17), 10**17).map(str),
    st.sampled_from(["NULL", "TRUE", "FALSE", "1.50", "-0.5"]),
)
decisions = st.builds(
    Decision,
    st.sampled_from(["accepted", "open"]),
    by=st.none() | names,
    at=st.none() | st.datetimes().map(lambda at: at.isoformat(timespec="seconds") + "Z"),
    confidence=st.none() | st.floats(0, 1).map(lambda share: round(share, 6)),
    rejected=st.lists(names, max_size=2).map(tuple),
    candidates=st.lists(names, max_size=2).map(tuple),
)
undecided = st.builds(Decision, st.sampled_from(["rejected", "open"]), rejected=st.lists(names, max_size=2).map(tuple))
noted = {"owner": st.none() | names, "remark": st.none() | names}
columns = st.one_of(
    st.builds(ColumnMap, names, source=names, type=st.none() | names, **noted, decision=st.none() | decisions),
    st.builds(
        ColumnMap, names, expression=names | constants, type=st.none() | names, **noted, decision=st.none() | decisions
    ),
    st.builds(ColumnMap, names, type=st.none() | names, **noted, decision=undecided),
)
joins = st.builds(
    Join, names, names, st.dictionaries(names, names, min_size=1, max_size=2), st.sampled_from(["left", "inner"])
)
tables = st.builds(
    TableMap,
    names,
    names,
    columns=st.none() | st.lists(columns, min_size=1, max_size=4, unique_by=lambda c: c.target).map(tuple),
    where=st.none() | names,
    ignore=st.lists(names, max_size=3).map(tuple),
    mode=st.sampled_from([None, "create", "append", "replace", "upsert", "insert-missing"]),
    joins=st.lists(joins, max_size=2, unique_by=lambda join: join.name).map(tuple),
    **noted,
    decision=st.none() | decisions | undecided,
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


def test_a_decision_is_one_line() -> None:
    line = (
        '      email: {source: cust_email, owner: ana, remark: "lower case?", decision: {status: accepted, by: ana, '
        "at: 2026-01-05T10:00:00Z, confidence: 0.97, rejected: [tbl_customer.cust_fax]}}\n"
    )
    text = f"format: dms-mapping/1\nname: shop\ntables:\n  - source: a\n    target: b\n    columns:\n{line}"
    assert write_mapping(parse_mapping(text)) == text
