"""Links between tables, and names like those of sure pairs, say more once something is decided."""

from __future__ import annotations

import numpy as np

from dms_workbench.engine.matching import ColumnOutline, LinkOutline, SchemaOutline, TableOutline
from dms_workbench.engine.matching.confirmed import Confirmed, Placed
from dms_workbench.engine.matching.dictionary import shipped_dictionary
from dms_workbench.engine.matching.features import Evidence, evidence
from dms_workbench.engine.matching.model import shipped_model
from dms_workbench.engine.matching.pairs import Pairs
from dms_workbench.engine.matching.second_look import NameLikeness, leads, second_look


def table(name: str, columns: str, *links: LinkOutline) -> TableOutline:
    """A table of whole numbers, its first column the key."""
    names = columns.split()
    return TableOutline(name, tuple(ColumnOutline(each, "integer") for each in names), (names[0],), (), links)


FORUM = SchemaOutline(
    (
        table("threads", "tid title"),
        table("messages", "mid tid writer replyto"),
        table("people", "pid nick"),
        table("votes", "vid voter", LinkOutline(("voter",), "people", ("pid",))),
    )
)
BOARD = SchemaOutline(
    (table("topics", "id subject"), table("posts", "id topic_id poster_id"), table("users", "id username"))
)


def compared() -> tuple[Evidence, Pairs]:
    """Both schemas with all pairs."""
    known = evidence(FORUM, BOARD, shipped_dictionary())
    return known, Pairs.of(known)


def figure(name: str, confirmed: Confirmed, source: tuple[str, str], target: tuple[str, str]) -> float:
    """One figure of one pair."""
    known, pairs = compared()
    placed = Placed.of(known, confirmed)
    model = shipped_model()
    found = second_look(known, pairs, model.log_odds(known, pairs), placed, model.confidence)[name]
    columns = [[(each.name, column.name) for each in side.tables for column in each.columns] for side in (FORUM, BOARD)]
    here = (pairs.source == columns[0].index(source)) & (pairs.target == columns[1].index(target))
    return float(found[here][0])


def test_a_column_leads_to_a_table_by_a_foreign_key_by_the_tables_name_or_by_the_name_of_its_key() -> None:
    known, _ = compared()

    assert leads(known.source).tolist() == [-1, -1, -1, 0, -1, -1, -1, -1, -1, 2]
    assert leads(known.target).tolist() == [-1, -1, -1, 0, -1, -1, -1]


def test_columns_that_lead_to_confirmed_tables_belong_together_and_others_do_not() -> None:
    tables = Confirmed(tables=frozenset({("threads", "topics")}))

    assert figure("led_decided", tables, ("messages", "tid"), ("posts", "topic_id")) == 1
    assert figure("led_decided", tables, ("votes", "voter"), ("posts", "topic_id")) == 0
    assert figure("led_other", tables, ("votes", "voter"), ("posts", "topic_id")) > 0.5
    assert figure("led_other", tables, ("messages", "tid"), ("posts", "topic_id")) == 0


def test_a_source_table_that_is_confirmed_for_one_table_is_less_likely_for_another() -> None:
    tables = Confirmed(tables=frozenset({("threads", "topics")}))

    assert figure("source_elsewhere", tables, ("threads", "title"), ("posts", "topic_id")) == 0.5
    assert figure("source_elsewhere", tables, ("threads", "title"), ("topics", "subject")) == 0


def test_names_like_those_of_a_pair_are_found_but_not_the_pair_itself() -> None:
    source = SchemaOutline((table("a", "no sent_stamp"), table("b", "no read_stamp colour")))
    target = SchemaOutline((table("x", "nr sent_time"), table("y", "nr read_time colour")))
    known = evidence(source, target, shipped_dictionary())
    pairs = Pairs.of(known)

    found = NameLikeness.of(known).like(pairs, [(1, 1)])

    like = {(int(s), int(t)): float(value) for s, t, value in zip(pairs.source, pairs.target, found, strict=True)}
    assert 0 < like[3, 3] < 1
    assert like[4, 4] == like[1, 1] == like[4, 3] == 0
    assert not np.any(NameLikeness.of(known).like(pairs, []))
