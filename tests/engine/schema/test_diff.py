from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from dms_workbench.engine.databases.base import Database
from dms_workbench.engine.databases.catalogue import Catalogue, Column, DataType, Table, TableName, UserType
from dms_workbench.engine.databases.objects import Sequence
from dms_workbench.engine.databases.table_parts import Check, ForeignKey, Index, IndexPart, Key, SequenceOptions
from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.schema.diff import compare
from dms_workbench.engine.schema.diff_model import Difference

Side = tuple[Catalogue, Database]
MakeSchema = Callable[..., Side]
POSTGRES = database_for("postgresql://h/d")
INTEGER = DataType("integer", "integer", bits=32)
TEXT = DataType("text", "text")


def table(name: str, *columns: Column, **parts: object) -> Table:
    """A table of PostgreSQL."""
    return Table(TableName("public", name), columns, **parts)  # type: ignore[arg-type]  # parts of a table


def postgres(*tables: Table, **parts: object) -> Side:
    """A schema of PostgreSQL."""
    return Catalogue("postgres", "16", "public", tables, **parts), POSTGRES  # type: ignore[arg-type]  # parts of a catalogue


def differences(first: Side, second: Side, base: Catalogue | None = None) -> list[Difference]:
    """What differs for certain."""
    return list(compare(first, second, base).certain)


def of_columns(first: Column, second: Column) -> list[Difference]:
    """What differs between two columns of one name."""
    return differences(postgres(table("t", first)), postgres(table("t", second)))


def test_equal_schemas_have_no_differences(schema_of: MakeSchema) -> None:
    sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x' CHECK (name <> ''))"

    assert differences(schema_of(sql), schema_of(sql)) == []


@pytest.mark.parametrize("products", [("sqlite", "duckdb"), ("duckdb", "sqlite")])
def test_the_same_schema_in_two_products_has_no_differences(schema_of: MakeSchema, products: tuple[str, str]) -> None:
    sql = (
        'CREATE TABLE "Customers" (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(10,2) DEFAULT 0,'
        " made DATE, UNIQUE (name))",
        'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES "Customers" (id))',
    )
    first, second = (
        schema_of(*sql, product=products[0]),
        schema_of(*(text.lower() for text in sql), product=products[1]),
    )

    assert [str(each) for each in differences(first, second)] == []


@pytest.mark.parametrize(
    ("changes", "aspect", "severity", "statement"),
    [
        ({"type": DataType("integer", "bigint", bits=64)}, "type", "harmless",
         'ALTER TABLE "public"."t" ALTER COLUMN "c" TYPE bigint USING "c"::bigint'),
        ({"type": DataType("integer", "smallint", bits=16)}, "type", "breaking",
         'ALTER TABLE "public"."t" ALTER COLUMN "c" TYPE smallint USING "c"::smallint'),
        ({"type": TEXT}, "type", "risky", 'ALTER TABLE "public"."t" ALTER COLUMN "c" TYPE text USING "c"::text'),
        ({"nullable": False}, "nullability", "risky", 'ALTER TABLE "public"."t" ALTER COLUMN "c" SET NOT NULL'),
        ({"default": "7"}, "default", "risky", 'ALTER TABLE "public"."t" ALTER COLUMN "c" SET DEFAULT 7'),
        ({"identity": "always"}, "identity", "risky",
         'ALTER TABLE "public"."t" ALTER COLUMN "c" ADD GENERATED ALWAYS AS IDENTITY'),
        ({"comment": "it's"}, "comment", "harmless", """COMMENT ON COLUMN "public"."t"."c" IS 'it''s'"""),
    ],
)  # fmt: skip
def test_a_fact_of_a_column_is_one_difference_with_its_statement(
    changes: dict[str, object], aspect: str, severity: str, statement: str
) -> None:
    plain = Column("c", INTEGER)

    [found] = of_columns(dataclasses.replace(plain, **changes), plain)  # type: ignore[arg-type]  # fields of a column

    assert (found.aspect, found.severity, found.resolution.statements) == (aspect, severity, (statement,))


def test_a_narrowing_statement_is_marked_as_destructive() -> None:
    [found] = of_columns(Column("c", DataType("text", "varchar(5)", length=5)), Column("c", TEXT))

    assert (found.severity, found.resolution.destructive) == ("breaking", True)


def test_a_column_more_is_dropped_only_by_a_marked_statement() -> None:
    first, second = table("t", Column("a", INTEGER)), table("t", Column("a", INTEGER), Column("zz", TEXT))

    [found] = differences(postgres(first), postgres(second))

    assert (found.change, found.severity, found.resolution.destructive) == ("extra", "breaking", True)
    assert found.resolution.statements == ('ALTER TABLE "public"."t" DROP COLUMN "zz"',)


def test_a_table_that_is_missing_is_one_difference_with_all_it_needs() -> None:
    made = table(
        "t", Column("id", INTEGER, nullable=False), primary_key=Key(("id",), "t_pkey"),
        indexes=(Index("t_id", (IndexPart("id"),)),),
    )  # fmt: skip

    [found] = differences(postgres(made), postgres())

    assert (found.kind, found.change, found.severity) == ("table", "missing", "harmless")
    assert [text.partition("(")[0].split()[:2] for text in found.resolution.statements] == [
        ["CREATE", "TABLE"], ["CREATE", "INDEX"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"primary_key": Key(("a",), "k")}, "primary key"),
        ({"unique_keys": (Key(("a",), "k"),)}, "unique key"),
        ({"foreign_keys": (ForeignKey(("a",), TableName("public", "t"), ("b",), "k"),)}, "foreign key"),
        ({"checks": (Check("a > 0", "k"),)}, "check"),
        ({"indexes": (Index("k", (IndexPart("a"),)),)}, "index"),
    ],
)
def test_every_part_of_a_table_can_be_missing_or_extra(part: dict[str, object], kind: str) -> None:
    columns = (Column("a", INTEGER), Column("b", INTEGER))
    with_part, without = postgres(table("t", *columns, **part)), postgres(table("t", *columns))

    [missing], [extra] = differences(with_part, without), differences(without, with_part)

    assert (missing.kind, missing.change, extra.change) == (kind, "missing", "extra")
    assert missing.resolution.statements
    assert extra.resolution.statements
    assert not missing.resolution.destructive
    assert extra.resolution.destructive


def test_a_constraint_of_another_name_is_the_same_constraint() -> None:
    first, second = [
        postgres(table("t", Column("a", INTEGER), checks=(Check("(a > 0)" if at else "a>0", f"name_{at}"),)))
        for at in (0, 1)
    ]

    [found] = differences(first, second)

    assert (found.aspect, found.severity) == ("name", "harmless")


def test_labels_are_added_in_their_place() -> None:
    first, second = [
        postgres(types=(UserType(TableName("public", "mood"), "enum", (), labels=labels),))
        for labels in (("sad", "so-so", "glad"), ("sad", "glad"))
    ]

    [found] = differences(first, second)

    assert found.resolution.statements == ("""ALTER TYPE "public"."mood" ADD VALUE 'so-so' AFTER 'sad'""",)
    assert differences(second, first)[0].severity == "breaking"


def test_where_a_sequence_stands_is_no_difference_but_how_it_counts_is() -> None:
    one, other = (
        postgres(sequences=(Sequence(TableName("public", "s"), SequenceOptions(increment=step)),)) for step in (1, 5)
    )

    [found] = differences(one, other)

    assert found.aspect == "increment"
    assert found.resolution.statements == ('ALTER SEQUENCE "public"."s" INCREMENT BY 1',)


def test_what_a_product_cannot_change_says_so(schema_of: MakeSchema) -> None:
    first, second = schema_of("CREATE TABLE t (a TEXT)"), schema_of("CREATE TABLE t (a INTEGER)")

    [found] = differences(first, second)

    assert found.resolution.statements == ()
    assert "made again" in found.resolution.unresolved


def test_each_change_since_an_earlier_state_has_its_author() -> None:
    plain = [Column(name, INTEGER) for name in ("mine", "yours", "alike", "fought")]

    def with_types(*types: DataType) -> Side:
        columns = [dataclasses.replace(column, type=type) for column, type in zip(plain, types, strict=True)]
        return postgres(table("t", *columns))

    small, big = DataType("integer", "smallint", bits=16), DataType("integer", "bigint", bits=64)
    base = with_types(INTEGER, INTEGER, INTEGER, INTEGER)[0]

    found = differences(with_types(big, INTEGER, big, big), with_types(INTEGER, big, big, small), base)

    assert {each.name: each.origin for each in found} == {
        "t.mine": "ours", "t.yours": "theirs", "t.alike": "both", "t.fought": "conflict",
    }  # fmt: skip


def test_a_table_dropped_by_one_and_changed_by_the_other_is_a_conflict() -> None:
    base = postgres(table("t", Column("a", INTEGER)))
    changed = postgres(table("t", Column("a", INTEGER), Column("b", TEXT)))

    found = differences(changed, postgres(), base[0])

    assert [(each.kind, each.origin) for each in found] == [("table", "conflict")]
    assert [each.origin for each in differences(base, postgres(), base[0])] == ["theirs"]
