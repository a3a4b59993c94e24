"""Sequences and counters of a target: where they are put, and the proof of what comes next.

Drawing from a sequence is never rolled back, so a proof puts the sequence back where it stood, and holds the table
meanwhile, so that nobody draws in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....kernel.errors import WorkbenchError
from ..base import RowsRefused
from ..catalogue import Column, DataType, SequenceState, Table, TableName
from ..errors import ConnectionLost
from .capabilities import literal, qualified, quote, rows_of

if TYPE_CHECKING:
    from .write import PostgresTarget

LOCK_SECONDS = 5
"""How long a proof waits for others to leave the table."""
OWN_SEQUENCE = "select pg_catalog.pg_get_serial_sequence(%s, %s)"
DRAWN_SEQUENCE = """
select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.relname)
from pg_catalog.pg_attrdef f
join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid
join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
where f.adrelid = %s::pg_catalog.regclass and a.attname = %s
"""
"""The sequence that a column's default draws from without owning it."""
SETTINGS = """
select seqincrement, seqmin, seqmax, seqcycle from pg_catalog.pg_sequence where seqrelid = %s::pg_catalog.regclass
"""
MAY_PUT_BACK = """
select pg_catalog.has_sequence_privilege(%s, 'SELECT') and pg_catalog.has_sequence_privilege(%s, 'UPDATE')
"""
ACTS_ON_INSERT = """
select exists (select from pg_catalog.pg_trigger g where g.tgrelid in (select relid from pg_catalog.pg_partition_tree(%s)
    union select %s::pg_catalog.regclass) and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 4 = 4)
  or exists (select from pg_catalog.pg_rewrite r where r.ev_class = %s::pg_catalog.regclass and r.ev_type = '3')
"""
"""Do triggers or rules act on an INSERT? They may draw from other sequences, or do what no rollback undoes."""
SAMPLES = {
    "boolean": "false", "integer": "0", "decimal": "0", "float": "0", "text": "''", "bytes": "''", "date": "'2000-01-01'",
    "time": "'00:00'", "timestamp": "'2000-01-01'", "timestamptz": "'2000-01-01'", "interval": "'0'",
    "uuid": "'00000000-0000-0000-0000-000000000000'", "json": "'{}'",
}  # fmt: skip
"""A value of each kind, for columns that must hold one."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A column and the sequence that its numbers come from, quoted with its schema."""

    target: PostgresTarget
    table: Table
    column: str
    sequence: str

    def state(self) -> SequenceState:
        """Where the sequence stands."""
        last, called = self.target.query(f"select last_value, is_called from {self.sequence}")[0]
        return SequenceState(last, called)

    def put(self, state: SequenceState) -> None:
        """Let the sequence stand there."""
        sql = "select pg_catalog.setval(%s::pg_catalog.regclass, %s, %s)"
        self.target.query(sql, (self.sequence, state.last_value, state.is_called))


def own_counter(target: PostgresTarget, table: Table, column: str) -> Counter | None:
    """The counter whose sequence belongs to a column; None if there is none."""
    found = target.query(OWN_SEQUENCE, (qualified(table.name), column))[0][0]
    return Counter(target, table, column, found) if found is not None else None


def restore_sequence(target: PostgresTarget, name: TableName, state: SequenceState) -> None:
    """Put a sequence where it stood."""
    sql = "select pg_catalog.setval(%s::pg_catalog.regclass, %s, %s)"
    target.query(sql, (qualified(name), state.last_value, state.is_called))


def restore_counter(target: PostgresTarget, table: Table, column: str) -> None:
    """Put a column's counter where its state says, then behind the largest number present if that is further on."""
    counter = own_counter(target, table, column)
    if counter is None:
        return
    wanted = table.column(column).counter_state
    if wanted is not None:
        counter.put(wanted)
    (_step, _minimum, _maximum, cycles) = target.query(SETTINGS, (counter.sequence,))[0]
    if wanted is None or not cycles:
        advance(counter)


def advance(counter: Counter) -> None:
    """Let the next number lie beyond all that are present; never moves back."""
    (step, low, high, _cycles) = counter.target.query(SETTINGS, (counter.sequence,))[0]
    last, beyond = ("max", ">") if step > 0 else ("min", "<")
    counter.target.query(
        f"select pg_catalog.setval({literal(counter.sequence)}, p.number) "
        f"from (select {last}({quote(counter.column)})::pg_catalog.int8 as number from {qualified(counter.table.name)} "
        f"where {quote(counter.column)} between {low} and {high}) p, {counter.sequence} s "
        f"where p.number {beyond} s.last_value or (p.number = s.last_value and not s.is_called)"
    )


def next_number(target: PostgresTarget, table: Table, column: str) -> int | None:
    """The number that a row without one gets, proved by an INSERT that is rolled back, else by drawing it."""
    counter = own_counter(target, table, column) or drawn_counter(target, table, column)
    if counter is None or not target.query(MAY_PUT_BACK, (counter.sequence, counter.sequence))[0][0]:
        return None
    target.execute("BEGIN")
    try:
        return proved(counter)
    except ConnectionLost:
        raise
    except (RowsRefused, WorkbenchError):
        return None
    finally:
        if not target.connection.closed and not target.connection.broken:
            target.execute("ROLLBACK")


def drawn_counter(target: PostgresTarget, table: Table, column: str) -> Counter | None:
    """The counter whose sequence a column's default draws from; None if there is none."""
    rows = target.query(DRAWN_SEQUENCE, (qualified(table.name), column))
    return Counter(target, table, column, rows[0][0]) if rows else None


def proved(counter: Counter) -> int | None:
    """As `next_number`, in an open transaction; the sequence stands where it stood afterwards."""
    target, name = counter.target, qualified(counter.table.name)
    target.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    target.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
    before = counter.state()
    try:
        acts = target.query(ACTS_ON_INSERT, (name, name, name))[0][0]
        ways: list[Callable[[Counter], int | None]] = [] if acts else [insert_like_another, insert_sample]
        for way in (*ways, draw):
            number = attempted(counter, way)
            counter.put(before)
            if number is not None:
                return number
        return None
    finally:
        if not target.connection.closed and not target.connection.broken:
            counter.put(before)


def attempted(counter: Counter, way: Callable[[Counter], int | None]) -> int | None:
    """The number one way gives; None if it is refused."""
    try:
        with counter.target.savepoint():
            return way(counter)
    except ConnectionLost:
        raise
    except (RowsRefused, WorkbenchError):
        return None


def draw(counter: Counter) -> int | None:
    """Draw a number without a row."""
    drawn: int = counter.target.query("select pg_catalog.nextval(%s::pg_catalog.regclass)", (counter.sequence,))[0][0]
    return drawn


def insert_like_another(counter: Counter) -> int | None:
    """Insert a row like one that is there, but for what must be unique."""
    unique = {name for key in (counter.table.primary_key, *counter.table.unique_keys) if key for name in key.columns}
    return insert(
        counter,
        lambda column: sample(column) if column.name in unique else quote(column.name),
        f" FROM {rows_of(counter.table.name)} LIMIT 1",
    )


def insert_sample(counter: Counter) -> int | None:
    """Insert a row of samples, NULL where it may be."""
    return insert(counter, sample, "")


def insert(counter: Counter, value: Callable[[Column], str], behind: str) -> int | None:
    """Insert a row that names every column but the counter, so that no other default acts."""
    others = [column for column in counter.table.copied_columns if column.name != counter.column]
    name, own = qualified(counter.table.name), quote(counter.column)
    if not others:
        return returned(counter, f"INSERT INTO {name} DEFAULT VALUES RETURNING {own}")
    names = ", ".join(quote(column.name) for column in others)
    values = ", ".join(value(column) for column in others)
    return returned(counter, f"INSERT INTO {name} ({names}) SELECT {values}{behind} RETURNING {own}")


def returned(counter: Counter, sql: str) -> int | None:
    """The number that an INSERT made; None if it made no row."""
    rows = counter.target.query(sql)
    return int(rows[0][0]) if rows else None


def sample(column: Column) -> str:
    """A value for a column."""
    if column.nullable:
        return "NULL"
    return f"{sample_text(column.type)}::{column.type.native}"


def sample_text(type: DataType) -> str:
    """A value of a type as SQL text."""
    if type.labels:
        return literal(type.labels[0])
    return "'{}'" if type.element is not None else SAMPLES.get(type.kind, "''")
