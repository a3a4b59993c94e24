"""What is decided spreads to the columns that are open."""

from __future__ import annotations

from dms_workbench.engine.matching import ColumnOutline, SchemaOutline, Suggestions, TableOutline, suggest
from dms_workbench.engine.matching.confirmed import Confirmed, Remembered
from dms_workbench.engine.matching.dictionary import shipped_dictionary
from dms_workbench.engine.matching.words import stem
from tests.benchmarks.matching_cases import own_problems

CASES = {problem.name: problem for problem in own_problems()}


def outline(**tables: str) -> SchemaOutline:
    """Tables of columns, each a name and after a colon its kind (text if left out)."""
    return SchemaOutline(
        tuple(TableOutline(name, tuple(column(each) for each in columns.split())) for name, columns in tables.items())
    )


def column(text: str) -> ColumnOutline:
    """One column."""
    name, _, kind = text.partition(":")
    return ColumnOutline(name, kind or "text")


SOURCE = outline(
    ord="no:integer zwk mkt gebiet:integer",
    inv="no:integer zwk mkt betrag:decimal",
    log="no:integer entry stamp:timestamp",
)
TARGET = outline(
    orders="number:integer purpose label region:integer",
    invoices="number:integer purpose label amount:decimal",
)


def best(found: Suggestions, table: str, column: str) -> tuple[str, str] | None:
    """The first candidate of a column."""
    [each] = [each for each in found.columns if (each.table, each.column) == (table, column)]
    return (each.candidates[0].table, each.candidates[0].column) if each.candidates else None


def sure(found: Suggestions, table: str, column: str) -> float:
    """How sure the first candidate of a column is."""
    [each] = [each for each in found.columns if (each.table, each.column) == (table, column)]
    return each.candidates[0].confidence


def test_what_is_confirmed_is_certain_and_filled_in() -> None:
    pair = (("log", "entry"), ("orders", "label"))

    found = suggest(SOURCE, TARGET, confirmed=Confirmed(accepted=frozenset({pair})))

    [column] = [each for each in found.columns if (each.table, each.column) == pair[1]]
    assert column.assigned is not None
    assert (column.assigned.table, column.assigned.column, column.assigned.confidence) == ("log", "entry", 1.0)


def test_a_pair_of_names_spreads_to_another_table() -> None:
    before = suggest(SOURCE, TARGET)
    confirmed = Confirmed(accepted=frozenset({(("ord", "zwk"), ("orders", "purpose"))}))

    after = suggest(SOURCE, TARGET, confirmed=confirmed)

    assert best(after, "invoices", "purpose") == ("inv", "zwk")
    assert sure(after, "invoices", "purpose") > sure(before, "invoices", "purpose")


def test_a_word_of_a_confirmed_name_is_learned() -> None:
    confirmed = Confirmed(accepted=frozenset({(("ord", "zwk"), ("orders", "purpose"))}))

    words = confirmed.learned(SOURCE, TARGET, shipped_dictionary())

    assert words.meanings["zwk"] == {(stem("purpose"),)}
    assert "zwk" not in shipped_dictionary().meanings


def test_a_source_that_is_taken_is_no_longer_offered_as_surely() -> None:
    problem = CASES["webshop"]
    free = suggest(problem.source, problem.target)
    wanted = next(each for each in free.columns if each.assigned is not None and each.table == "customer")
    assert wanted.assigned is not None
    other = next(
        each for each in free.columns if each.table == "customer" and each.column != wanted.column and each.candidates
    )
    taken = ((wanted.assigned.table, wanted.assigned.column), (other.table, other.column))

    after = suggest(problem.source, problem.target, confirmed=Confirmed(accepted=frozenset({taken})))

    assert sure(after, wanted.table, wanted.column) < wanted.assigned.confidence


def test_what_was_turned_down_never_comes_back() -> None:
    problem = CASES["crm"]
    before = suggest(problem.source, problem.target)
    column = next(each for each in before.columns if each.assigned is not None)
    pairs = frozenset(((each.table, each.column), (column.table, column.column)) for each in column.candidates[:3])

    after = suggest(problem.source, problem.target, least=0.0, confirmed=Confirmed(rejected=pairs))

    [again] = [each for each in after.columns if (each.table, each.column) == (column.table, column.column)]
    gone = {source for source, _ in pairs}
    assert gone & {(each.table, each.column) for each in again.candidates} == set()
    assert again.assigned is None or (again.assigned.table, again.assigned.column) not in gone


def test_other_projects_are_hearsay_that_never_decides() -> None:
    said = Remembered(("ord", "zwk"), ("orders", "purpose"), accepted=3)
    before = suggest(SOURCE, TARGET)

    after = suggest(SOURCE, TARGET, confirmed=Confirmed(remembered=(said,)))

    assert sure(before, "orders", "purpose") < sure(after, "orders", "purpose") < 1


def test_names_that_are_in_neither_schema_are_passed_over() -> None:
    strange = Confirmed(
        accepted=frozenset({(("gone", "a"), ("orders", "label")), (("ord", "no"), ("gone", "b"))}),
        rejected=frozenset({(("ord", "x"), ("orders", "y"))}),
        tables=frozenset({("gone", "orders")}),
        remembered=(Remembered(("a", "b"), ("c", "d"), accepted=1),),
    )

    assert len(suggest(SOURCE, TARGET, confirmed=strange).columns) == TARGET.columns


def test_the_same_decisions_give_the_same_suggestions() -> None:
    problem = CASES["hotel"]
    pairs = frozenset((min(sources), target) for target, sources in sorted(problem.truth.items())[:4])
    confirmed = Confirmed(accepted=pairs)

    assert suggest(problem.source, problem.target, confirmed=confirmed) == suggest(
        problem.source, problem.target, confirmed=confirmed
    )
