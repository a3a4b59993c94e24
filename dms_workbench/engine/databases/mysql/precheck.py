"""The pre-check of MariaDB and MySQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ....kernel.errors import WorkbenchError
from ..base import Source, Target
from ..catalogue import Catalogue, Table
from ..precheck import Finding, Wanted, listed, readable, rows_of

TRANSACTIONAL = {"innodb", "rocksdb", "tokudb", "ndbcluster"}
SMALL_PACKET_BYTES = 16 * 1024 * 1024
SERVER = """
select version(), current_user(), @@global.read_only, @@global.local_infile, @@max_allowed_packet,
  @@character_set_database, @@lower_case_table_names
"""
MAY_CREATE = r"GRANT (?:ALL PRIVILEGES|[A-Z ,]*\bCREATE\b(?! (?:USER|VIEW|ROUTINE))[A-Z ,]*) ON (?:{places})"


def check_source(source: Source, catalogue: Catalogue, tables: Sequence[Table]) -> Iterator[Finding]:
    """What may keep the source's rows from being read, all of them and as they are."""
    _, user, *_ = rows_of(source, SERVER)[0]
    closed = [str(table.name) for table in tables if not may_read(source, table)]
    if closed:
        remedy = f"GRANT SELECT ON … TO {user}; or leave them out with --exclude."
        yield Finding("stop", "source", "privileges", f"User {user} may not read {listed(closed)}.", remedy)
    loose = [str(table.name) for table in tables if engine_of(table) not in TRANSACTIONAL]
    if loose:
        yield Finding(
            "warn",
            "source",
            "engines",
            f"{listed(loose)}: of an engine without transactions, read outside of the run's snapshot.",
            "Stop writing to them for the time of the run, or ALTER TABLE … ENGINE=InnoDB first.",
        )
    broken = [str(view.name) for view in catalogue.views if view.problem]
    if broken:
        yield Finding("note", "source", "views", f"Broken views are left out: {listed(broken)}.")


def may_read(source: Source, table: Table) -> bool:
    """May its rows be read?"""
    from .capabilities import qualified

    try:
        rows_of(source, f"SELECT 1 FROM {qualified(table.name)} LIMIT 0")
    except WorkbenchError:
        return False
    return True


def engine_of(table: Table) -> str:
    """The storage engine, in small letters; that of a table whose engine is unknown counts as transactional."""
    return dict(table.options).get("engine", "InnoDB").lower()


def check_target(target: Target, catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:
    """What may keep rows and objects from being written, or change them on the way."""
    _, user, read_only, local_infile, packet_bytes, charset, folding = target.query(SERVER)[0]
    if target.read_only or int(read_only):
        reason = target.read_only or "the server is set to read_only"
        yield Finding("stop", "target", "read-only", f"Nothing can be written: {reason}.", "Connect to the primary.")
    yield from check_rights(target, wanted, str(user))
    yield from check_settings(int(local_infile), int(packet_bytes), str(charset), int(folding))
    yield from check_tables(catalogue, wanted)
    if wanted.size_bytes:
        text = f"The source's tables take {readable(wanted.size_bytes)}; a server does not say what is free."
        yield Finding("note", "target", "space", text, "Look at its data directory and its binary logs.")


def check_rights(target: Target, wanted: Wanted, user: str) -> Iterator[Finding]:
    """May tables be made here, the ledger's among them?"""
    ((schema,),) = target.query("select database()")
    name = str(wanted.schema or schema)
    granted = "\n".join(str(row[0]) for row in target.query("show grants"))
    by_role = re.search(r"^GRANT `[^`]+` TO ", granted, re.MULTILINE)
    if not re.search(MAY_CREATE.format(places=r"\*\.\*|`" + re.escape(name) + r"`\.\*"), granted):
        yield Finding(
            "warn" if by_role else "stop",
            "target",
            "privileges",
            f"No grant of CREATE on {name} was found for user {user}: tables and ledger may not be made.",
            f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON `{name}`.* TO {user}",
        )


def check_settings(local_infile: int, packet_bytes: int, charset: str, folding: int) -> Iterator[Finding]:
    """Settings of the server that cost time or values."""
    if not local_infile:
        text = "The server takes no LOAD DATA LOCAL: rows are written by INSERT, which is slower."
        yield Finding("note", "target", "local_infile", text, "SET GLOBAL local_infile = 1")
    if packet_bytes < SMALL_PACKET_BYTES:
        text = f"max_allowed_packet is {readable(packet_bytes)}: larger values cannot be written."
        yield Finding("warn", "target", "max_allowed_packet", text, "SET GLOBAL max_allowed_packet = 1073741824")
    if charset != "utf8mb4":
        text = f"The database's character set is {charset}; tables made by the run are utf8mb4."
        yield Finding("note", "target", "character set", text, "ALTER DATABASE … CHARACTER SET utf8mb4")
    if folding:
        text = f"lower_case_table_names = {folding}: table names that differ by capitals only are one."
        yield Finding("note", "target", "names", text)


def check_tables(catalogue: Catalogue, wanted: Wanted) -> Iterator[Finding]:
    """Tables that are there: engines without transactions, triggers."""
    present = [table for table in catalogue.tables if table.name.name in set(wanted.tables)]
    loose = [str(table.name) for table in present if engine_of(table) not in TRANSACTIONAL]
    if loose:
        text = f"{listed(loose)}: of an engine without transactions, so a crash could lose or double rows."
        yield Finding("stop", "target", "engines", text, "ALTER TABLE … ENGINE=InnoDB")
    for table in present:
        triggers = [trigger.name for trigger in table.triggers if "insert" in trigger.events]
        if triggers:
            text = (
                f"{listed(triggers)} on {table.name} may change rows as they are written; verification would show it."
            )
            yield Finding(
                "warn", "target", "triggers", text, "Drop them for the time of the run, if that is not meant."
            )
