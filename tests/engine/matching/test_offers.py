from __future__ import annotations

from collections.abc import Mapping

import pytest

from dms_workbench.engine.databases.catalogue import Catalogue, Column, DataType, ForeignKey, Key, Table, TableName
from dms_workbench.engine.expressions import LookupTable, compile_evaluator
from dms_workbench.engine.mapping import draft_mapping
from dms_workbench.engine.mapping.offered import column_map_of, compiles, lookup_of, working
from dms_workbench.engine.matching import Candidate, ColumnSuggestion, Suggestions, outline_of, suggest
from dms_workbench.engine.matching.offers import Offer, offers
from dms_workbench.engine.matching.suggest import TableSuggestion
from dms_workbench.engine.matching.values import profile_of
from tests.benchmarks.matching_cases import own_problems

TYPES = {
    "int": DataType("integer", "int", bits=32), "text": DataType("text", "varchar(200)", length=200),
    "flag": DataType("text", "char(1)", length=1), "bool": DataType("boolean", "boolean"), "date": DataType("date", "date"),
    "time": DataType("time", "time"), "timestamp": DataType("timestamp", "timestamp"), "uuid": DataType("uuid", "uuid"),
    "timestamptz": DataType("timestamptz", "timestamp with time zone"),
    "decimal": DataType("decimal", "decimal(12,2)", precision=12, scale=2), "double": DataType("float", "double"),
}  # fmt: skip


def table(name: str, columns: str, key: str = "", **links: str) -> Table:
    """Columns as ``name type``, with ``!`` behind the type where NULL is not taken; links by column: ``table.column``."""
    parts = [column.split() for column in columns.split(", ")]
    return Table(
        TableName(None, name),
        tuple(Column(column, TYPES[kind.rstrip("!")], nullable=not kind.endswith("!")) for column, kind in parts),
        primary_key=Key((key,)) if key else None,
        foreign_keys=tuple(
            ForeignKey((column,), TableName(None, to.split(".")[0]), (to.split(".")[1],)) for column, to in links.items()
        ),
    )  # fmt: skip


def catalogue(*tables: Table) -> Catalogue:
    return Catalogue("sqlite", "3", None, tables)


def open_columns(source: Catalogue, target: Catalogue) -> Suggestions:
    """The first source table feeds the first target table, and nothing more is known."""
    first, aim = source.tables[0], target.tables[0]
    return Suggestions(
        (TableSuggestion(aim.name.name, ((first.name.name, 1.0),)),),
        tuple(ColumnSuggestion(aim.name.name, column.name, ()) for column in aim.columns),
    )


def offered(source: Catalogue, target: Catalogue, found: Suggestions | None = None, **known) -> dict[str, Offer]:
    """The best offer of each target column; every one has been compiled."""
    made = offers(outline_of(source), outline_of(target), found or open_columns(source, target), **known)
    assert working(made, source, target) == made
    return {offer.column: offer for offer in reversed(made)}


def value_of(offer: Offer, source: Catalogue, row: Mapping[str, object], lookups: dict[str, LookupTable] | None = None):
    columns = source.table(offer.source_table).columns
    evaluator = compile_evaluator(columns, [("x", offer.expression)], None, lookups or {})
    try:
        return evaluator.evaluate([[row.get(column.name)] for column in columns], 1).columns[0][0]
    finally:
        evaluator.close()


def test_a_whole_name_is_taken_apart_and_nothing_of_it_is_lost() -> None:
    source = catalogue(table("customers", "id int, full_name text", "id"))
    found = offered(source, catalogue(table("clients", "first_name text, last_name text!")))

    row = {"full_name": "Ada King Lovelace"}
    assert found["first_name"].kind == "split"
    assert value_of(found["first_name"], source, row) == "Ada"
    assert value_of(found["last_name"], source, row) == "King Lovelace"
    assert value_of(found["first_name"], source, {"full_name": ""}) is None
    assert value_of(found["last_name"], source, {"full_name": "Ada"}) == ""


def test_names_whose_values_hold_a_comma_are_taken_apart_there() -> None:
    source = catalogue(table("customers", "id int, full_name text", "id"))
    seen = {("customers", "full_name"): profile_of(["King, Ada", "Hopper, Grace", "Curie, Marie"])}
    found = offered(source, catalogue(table("clients", "first_name text, last_name text")), profiles=seen)

    assert value_of(found["first_name"], source, {"full_name": "King, Ada"}) == "Ada"
    assert value_of(found["last_name"], source, {"full_name": "King, Ada"}) == "King"


def test_first_and_last_name_are_put_together() -> None:
    source = catalogue(table("person", "fname text, lname text"))
    found = offered(source, catalogue(table("author", "full_name text")))

    assert found["full_name"].sources == ("fname", "lname")
    assert value_of(found["full_name"], source, {"fname": "Ada", "lname": None}) == "Ada"


def test_a_street_with_its_number_is_taken_apart_and_put_together() -> None:
    joined, apart = catalogue(table("a", "street text")), catalogue(table("b", "street_name text, house_number text"))
    found = offered(joined, apart)
    assert value_of(found["street_name"], joined, {"street": "Am Markt 12 b"}) == "Am Markt"
    assert value_of(found["house_number"], joined, {"street": "Am Markt 12 b"}) == "12 b"

    apart = catalogue(table("b", "street_name text, house_number flag"))
    found = offered(apart, joined)
    assert value_of(found["street"], apart, {"street_name": "Am Markt", "house_number": "7"}) == "Am Markt 7"


def test_a_timestamp_becomes_date_and_time_and_back() -> None:
    one, two = (
        catalogue(table("visit", "start_ts timestamp")),
        catalogue(table("visit", "start_date date, start_time time")),
    )
    found = offered(one, two)
    assert value_of(found["start_date"], one, {"start_ts": "2024-12-31 10:20:30"}) == "2024-12-31"
    assert value_of(found["start_time"], one, {"start_ts": "2024-12-31 10:20:30"}) == "10:20:30"

    found = offered(two, one)
    assert value_of(found["start_ts"], two, {"start_date": "2024-12-31", "start_time": "10:20:30"}) == (
        "2024-12-31 10:20:30"
    )


def test_a_column_named_like_two_is_cut_where_its_values_are() -> None:
    source = catalogue(table("place", "lat_lng text"))
    found = offered(source, catalogue(table("place", "lat double, lng double")))
    assert value_of(found["lat"], source, {"lat_lng": "52.5, 13.4"}) == 52.5

    seen = {("place", "lat_lng"): profile_of(["1.5;2.5", "3.5;4.5", "5.5;6.5"])}
    found = offered(source, catalogue(table("place", "lat double, lng double")), profiles=seen)
    assert value_of(found["lng"], source, {"lat_lng": "52.5;13.4"}) == 13.4


def test_a_code_is_resolved_by_the_table_its_foreign_key_leads_to() -> None:
    source = catalogue(
        table("invoice", "id int, status_cd int", "id", status_cd="status_codes.cd"),
        table("status_codes", "cd int, label text", "cd"),
    )
    offer = offered(source, catalogue(table("bill", "status text")))["status"]

    assert (offer.kind, offer.expression) == ("lookup", "lookup('status_codes', status_cd)")
    line = lookup_of(offer)
    assert line is not None
    assert (line.table, line.key, line.value) == ("status_codes", "cd", "label")
    known = {"status_codes": LookupTable([1], ["paid"], TYPES["int"], TYPES["text"])}
    assert value_of(offer, source, {"status_cd": 1}, known) == "paid"


def test_a_text_that_is_surely_an_id_is_offered_what_the_table_of_that_id_says() -> None:
    source = catalogue(
        table("track", "id int, genre_id int", "id", genre_id="genre.genre_id"),
        table("genre", "genre_id int, name text", "genre_id"),
    )
    pick = Candidate("track", "genre_id", 0.98)
    sure = Suggestions(
        (TableSuggestion("song", (("track", 1.0),)),), (ColumnSuggestion("song", "genre", (pick,), assigned=pick),)
    )

    offer = offered(source, catalogue(table("song", "genre text")), sure)["genre"]

    assert (offer.kind, offer.expression) == ("lookup", "lookup('genre', genre_id)")
    assert "genre" not in offered(source, catalogue(table("song", "genre int")), sure)
    assert draft_mapping(sure, min_confidence=0.9, offers=(offer,)).filled == frozenset()


def test_a_name_that_fits_first_and_last_name_best_is_taken_apart_whatever_it_is_called() -> None:
    source = catalogue(table("kunden", "id int, voller_name text", "id"))
    pick = Candidate("kunden", "voller_name", 0.94)
    found = Suggestions(
        (TableSuggestion("customer", (("kunden", 1.0),)),),
        (
            ColumnSuggestion("customer", "first_name", (pick,), assigned=pick),
            ColumnSuggestion("customer", "last_name", (pick,)),
        ),
    )

    made = offered(source, catalogue(table("customer", "first_name text, last_name text")), found)

    assert [made[name].kind for name in ("first_name", "last_name")] == ["split", "split"]
    assert draft_mapping(found, min_confidence=0.9, offers=tuple(made.values())).filled == frozenset()


def test_a_first_name_of_somebody_else_does_not_keep_a_whole_name_from_being_put_together() -> None:
    source = catalogue(table("client", "first_name text, last_name text"))
    target = catalogue(table("customer", "full_name text, agent_first_name text"))

    assert offered(source, target)["full_name"].kind == "merge"
    assert "full_name" not in offered(source, catalogue(table("customer", "full_name text, first_name text")))


def test_the_id_that_a_target_wants_is_found_by_the_code_that_the_source_holds() -> None:
    source = catalogue(
        table("invoice", "id int, country_code text", "id"),
        table("country", "id int, country_code text, name text", "id"),
    )
    offer = offered(source, catalogue(table("bill", "country_id int")))["country_id"]

    assert offer.lookup is not None
    assert (offer.lookup.key, offer.lookup.value) == ("country_code", "id")


def test_the_first_phone_number_that_holds_something_is_offered() -> None:
    source = catalogue(table("person", "phone1 text, phone2 text"))
    offer = offered(source, catalogue(table("contact", "phone text")))["phone"]

    assert offer.kind == "coalesce"
    assert value_of(offer, source, {"phone1": " ", "phone2": "030"}) == "030"


def test_a_row_never_changed_was_last_changed_when_it_was_made() -> None:
    source = catalogue(table("note", "created_at timestamp"))
    offer = offered(source, catalogue(table("memo", "updated_at timestamp!")))["updated_at"]

    assert offer.kind == "copy"
    assert column_map_of(offer).source == "created_at"


@pytest.mark.parametrize(
    ("was", "becomes", "value", "made"),
    [
        ("created_ts int", "created_at timestamp", 1704067200, "2024-01-01 00:00:00"),
        ("created_ts int", "created_at timestamp", 0, None),
        ("created_ts int", "created_at timestamptz", 1704067200, "2024-01-01 00:00:00+00"),
        ("created_ms int", "created_at timestamp", 1704067200000, "2024-01-01 00:00:00"),
        ("created_ts int", "created_on date", 1704067200, "2024-01-01"),
        ("active_yn flag", "active bool", "y", True),
        ("active flag", "active bool", "N", False),
        ("active flag", "active bool", "?", None),
        ("inactive int", "active bool", 1, False),
        ("active int", "active bool", 1, True),
        ("price_cents int", "price decimal", 1999, "19.99"),
        ("weight_g int", "weight_kg decimal", 1500, 1.5),
        ("milliseconds int", "seconds decimal", 343719, 343.719),
        ("born text", "born date", "2024-12-31", "2024-12-31"),
        ("seen_at timestamp", "seen_on date", "2024-12-31 23:59:59", "2024-12-31"),
        ("seen_on date", "seen_at timestamp", "2024-12-31", "2024-12-31 00:00:00"),
        ("token text", "token uuid", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ],
)
def test_a_value_is_written_in_the_form_that_the_target_wants(
    was: str, becomes: str, value: object, made: object
) -> None:
    source, target = catalogue(table("s", was)), catalogue(table("t", becomes))
    column, aim = was.split(maxsplit=1)[0], becomes.split(maxsplit=1)[0]
    pick = Candidate("s", column, 0.9)
    found = Suggestions((TableSuggestion("t", (("s", 1.0),)),), (ColumnSuggestion("t", aim, (pick,), assigned=pick),))

    offer = offered(source, target, found)[aim]

    assert offer.kind == "convert"
    assert value_of(offer, source, {column: value}) == made


def test_values_tell_the_form_of_dates_and_whether_a_number_is_a_time() -> None:
    source, target = catalogue(table("s", "d text, n int")), catalogue(table("t", "day date, moment timestamp"))
    picks = {"day": Candidate("s", "d", 0.5), "moment": Candidate("s", "n", 0.5)}
    found = Suggestions(
        (TableSuggestion("t", (("s", 1.0),)),),
        tuple(ColumnSuggestion("t", name, (pick,)) for name, pick in picks.items()),
    )
    assert "moment" not in offered(source, target, found)

    seen = {
        ("s", "d"): profile_of(["31.12.2024", "01.02.1999", "15.06.2001"]),
        ("s", "n"): profile_of([1704067200, 1704067201, 1604067200]),
    }
    made = offered(source, target, found, profiles=seen)
    assert value_of(made["day"], source, {"d": "31.12.2024"}) == "2024-12-31"
    assert value_of(made["moment"], source, {"n": 1704067200}) == "2024-01-01 00:00:00"


def test_a_constant_is_offered_only_where_a_column_takes_no_null_and_has_no_default() -> None:
    source, target = catalogue(table("s", "id int", "id")), catalogue(table("t", "active bool!, note text, count int!"))

    found = offered(source, target)

    assert {name: offer.expression for name, offer in found.items() if offer.kind == "constant"} == {
        "active": "TRUE", "count": "0",
    }  # fmt: skip


def test_hostile_names_stay_names() -> None:
    source = catalogue(
        Table(
            TableName(None, "x'); drop table y; --"),
            (Column('first "name"', TYPES["text"]), Column("last name", TYPES["text"]), Column("order", TYPES["flag"])),
        )
    )
    found = offered(source, catalogue(table("t", "full_name text")))

    row = {'first "name"': "Ada", "last name": "King"}
    assert value_of(found["full_name"], source, row) == "Ada King"


def test_an_offer_that_does_not_compile_is_left_out() -> None:
    source = catalogue(table("s", "a int"))
    good = Offer("convert", "t", "x", "s", ("a",), "a <> 0", 0.5, ())
    bad = Offer("convert", "t", "y", "s", ("a",), "upper(a) +", 0.5, ())

    assert working([bad, good, bad], source, catalogue(table("t", "x bool, y text"))) == (good,)
    assert not compiles([bad], source, source.tables[0])


@pytest.mark.parametrize("problem", own_problems(), ids=lambda problem: problem.name)
def test_every_offer_of_our_own_cases_compiles(problem) -> None:
    kinds = {"longtext": "text", "json": "text", "other": "text", "bytes": "text"}

    def made(schema) -> Catalogue:
        return catalogue(
            *(
                Table(
                    TableName(None, each.name),
                    tuple(
                        Column(one.name, DataType(kinds.get(one.kind, one.kind), one.native), nullable=one.nullable)
                        for one in each.columns
                    ),
                    primary_key=Key(each.primary_key) if each.primary_key else None,
                )
                for each in schema.tables
            )
        )

    listed = offers(problem.source, problem.target, suggest(problem.source, problem.target))

    assert working(listed, made(problem.source), made(problem.target)) == listed
