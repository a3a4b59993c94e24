"""Views, sequences, routines, triggers and events of a MySQL or MariaDB catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..catalogue import (
    Column,
    OtherObject,
    Reference,
    Routine,
    SequenceOptions,
    SequenceState,
    Trigger,
    View,
)
from ..catalogue import Sequence as CatalogueSequence
from .capabilities import qualified
from .sql_text import mysql_unescaped, relations_of, under_mode, without_database, without_definer

if TYPE_CHECKING:
    from .inspect import Reader

Row = dict[str, Any]

SEQUENCES_AT_ONCE = 200
SEQUENCE_FIELDS = (
    "next_not_cached_value, start_value, increment, minimum_value, maximum_value, cache_size, cycle_option"
)
AGGREGATE = re.compile(r"(?i)CREATE\s+AGGREGATE\s")
ROUTINES = ("FUNCTION", "PROCEDURE")


def views(
    reader: Reader,
    rows: Sequence[Row],
    comments: dict[str, str],
    columns: dict[str, tuple[Column, ...]],
    relations: set[str],
) -> tuple[View, ...]:
    """The views. comments: where a view is broken, what the server says of it. relations: every table and view there is."""
    return tuple(
        build_view(reader, row, comments[row["table_name"]], columns[row["table_name"]], relations) for row in rows
    )


def build_view(reader: Reader, row: Row, comment: str, columns: tuple[Column, ...], relations: set[str]) -> View:
    """One view; whoever makes it again becomes its definer."""
    name = reader.name(row["table_name"])
    printed = (row["view_definition"] or "") if reader.mariadb else mysql_unescaped(row["view_definition"] or "")
    query = without_database(printed, reader.schema) if reader.own else printed
    check = row["check_option"] or "NONE"
    algorithm, security = row["algorithm"] or "UNDEFINED", row["security_type"] or "DEFINER"
    ending = f" WITH {check} CHECK OPTION" if check != "NONE" else ""
    depends = tuple(reader.name(found) for found in relations_of(printed, reader.schema, relations))
    broken = comment not in ("", "VIEW", None)
    return View(
        name=name,
        query=query,
        definition=f"CREATE ALGORITHM={algorithm} SQL SECURITY {security} VIEW {qualified(name)} AS {query}{ending}",
        columns=columns,
        depends_on=depends,
        owner=row["definer"] or None,
        options=(("algorithm", algorithm), ("security", security), ("check option", check)),
        problem=comment if broken else None if query else "its definition may not be seen by this user",
        needs=tuple(Reference("table", each) for each in depends),
    )


def read_sequences(reader: Reader, names: list[str]) -> tuple[CatalogueSequence, ...]:
    """MariaDB's sequences. They stand behind the numbers that the server holds ready, which no query tells from used ones."""
    found: list[CatalogueSequence] = []
    for at in range(0, len(names), SEQUENCES_AT_ONCE):
        some = names[at : at + SEQUENCES_AT_ONCE]
        sql = " union all ".join(
            f"select {number} as number, {SEQUENCE_FIELDS} from {qualified(reader.name(name))}"
            for number, name in enumerate(some)
        )
        rows = sorted(reader.query(sql, ()))
        found += [build_sequence(reader, name, row) for name, row in zip(some, rows, strict=True)]
    return tuple(found)


def build_sequence(reader: Reader, name: str, row: tuple[Any, ...]) -> CatalogueSequence:
    """One sequence."""
    _, following, start, increment, minimum, maximum, cache, cycle = map(int, row)
    return CatalogueSequence(
        name=reader.name(name),
        options=SequenceOptions(
            start=start, increment=increment, minimum=minimum, maximum=maximum, cache=cache, cycle=bool(cycle)
        ),
        state=SequenceState(following, is_called=False),
        type="bigint",
    )


def read_routines(reader: Reader, rows: list[Row], parameters: list[Row]) -> tuple[Routine, ...]:
    """Functions and procedures; whoever makes them again becomes their definer."""
    arguments: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(parameters, key=lambda each: int(each["ordinal_position"])):
        if int(row["ordinal_position"]):
            arguments[row["routine_type"], row["specific_name"]].append(row)
    ordered = sorted(rows, key=lambda each: (each["routine_name"], each["routine_type"]))
    return tuple(
        build_routine(reader, row, arguments[row["routine_type"], row["routine_name"]])
        for row in ordered
        if row["routine_type"] in ROUTINES
    )


def read_packages(reader: Reader, rows: list[Row]) -> tuple[OtherObject, ...]:
    """MariaDB's packages, each before its body."""
    ordered = sorted(rows, key=lambda each: (each["routine_name"], each["routine_type"]))
    return tuple(
        OtherObject(
            row["routine_type"].lower(),
            row["routine_name"],
            definition=shown(reader, row["routine_type"].lower(), row["routine_name"], row["sql_mode"]),
            comment=row["routine_comment"] or None,
        )
        for row in ordered
        if row["routine_type"] not in ROUTINES
    )


def shown(reader: Reader, kind: str, name: str, mode: str | None) -> str:
    """What SHOW CREATE says of a routine or package, for any definer and with its mode; empty where it may not be seen."""
    statement = without_definer(reader.show_create(kind, name, 2))
    return under_mode(statement, mode, mariadb=reader.mariadb) if statement else ""


def build_routine(reader: Reader, row: Row, arguments: list[Row]) -> Routine:
    """One routine; its definition is empty where this user may not see it."""
    name, kind = row["routine_name"], row["routine_type"].lower()
    definition = shown(reader, kind, name, row["sql_mode"])
    types = ", ".join(str(argument["dtd_identifier"]) for argument in arguments)
    aggregate = AGGREGATE.search(definition) is not None and kind == "function"
    return Routine(
        name=reader.name(name),
        signature=f"{name}({types})",
        definition=definition,
        kind="aggregate" if aggregate else cast(Any, "procedure" if kind == "procedure" else "function"),
        language="SQL",
        comment=row["routine_comment"] or None,
        owner=row["definer"] or None,
    )


def triggers_by_table(reader: Reader, rows: list[Row]) -> dict[str, tuple[Trigger, ...]]:
    """Triggers in the order they fire in, which is the order to make them in."""
    found: defaultdict[str, list[Trigger]] = defaultdict(list)
    timings = {"BEFORE": 0, "AFTER": 1}
    ordered = sorted(
        rows,
        key=lambda row: (timings.get(row["action_timing"], 2), row["event_manipulation"], int(row["action_order"])),
    )
    for row in ordered:
        found[row["event_object_table"]].append(build_trigger(reader, row))
    return {table: tuple(triggers) for table, triggers in found.items()}


def build_trigger(reader: Reader, row: Row) -> Trigger:
    """One trigger."""
    name, table = qualified(reader.name(row["trigger_name"])), qualified(reader.name(row["event_object_table"]))
    event, timing, body = row["event_manipulation"], row["action_timing"], row["action_statement"]
    statement = f"CREATE TRIGGER {name} {timing} {event} ON {table} FOR EACH ROW {body}"
    return Trigger(
        name=row["trigger_name"],
        definition=under_mode(statement, row["sql_mode"], mariadb=reader.mariadb),
        timing="before" if timing == "BEFORE" else "after",
        events=tuple(each.strip().lower() for each in event.replace(" OR ", ",").split(",")),
        body=body,
    )


def read_events(reader: Reader, rows: list[Row]) -> tuple[OtherObject, ...]:
    """Events of the scheduler; whoever makes them again becomes their definer."""
    return tuple(build_event(reader, row) for row in sorted(rows, key=lambda each: str(each["event_name"])))


def build_event(reader: Reader, row: Row) -> OtherObject:
    """One event, made after everything else."""
    statement = without_definer(reader.show_create("event", row["event_name"], 3))
    mode, zone = row["sql_mode"], row["time_zone"]
    definition = under_mode(statement, mode, mariadb=reader.mariadb, time_zone=zone) if statement else ""
    return OtherObject(
        "event", row["event_name"], definition=definition, comment=row["event_comment"] or None, when="last"
    )
