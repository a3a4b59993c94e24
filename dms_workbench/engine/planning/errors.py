"""Why a plan cannot be made: each names the thing and the next step, and nothing was touched."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.errors import Refused, UsageError, WorkbenchError


class NoTables(
    Refused,
    code="no-tables",
    next="Check which database the source is, and --source-schema, --tables and --exclude.",
):
    """The source ({source}) has no table to migrate{hint}."""


class TableNotFound(UsageError, code="table-not-found", status=404):
    """There is no table {table} in the source. Nearest: {nearest}."""


class TargetTableMissing(
    Refused, code="target-table-missing", next="Create it, or let dms migrate make it (--create)."
):
    """The target has no table {table}, and it is not to be made."""


class ColumnFitsNowhere(
    Refused,
    code="column-fits-nowhere",
    next="Map the column in a mapping file (--mapping FILE), or list it under ignore there.",
):
    """Column {column} of source table {table} has no place in the target table {target}. Target columns: {known}."""


class ColumnNotFed(
    Refused,
    code="column-not-fed",
    next="Give it an expression in a mapping file (--mapping FILE), or a default in the target.",
):
    """Column {column} of target table {table} must not be NULL, has no default, and nothing is mapped to it."""


class TypeDoesNotFit(
    Refused, code="type-does-not-fit", next="Write an expression for the column in a mapping file (--mapping FILE)."
):
    """Column {column} of {table} is {source_type} and {target} is {target_type}: no conversion keeps such values exactly."""


class TargetNotEmpty(
    Refused, code="target-not-empty", next="Empty the tables, choose other targets, or add rows with --mode append."
):
    """The target already has rows in {tables}. Mode create writes only into tables that are absent or empty."""


class FolderMissing(Refused, code="folder-missing", status=404, next="Make the folder, or name another target."):
    """The target {path} cannot be made: there is no folder {folder}."""


class TargetReadOnly(
    Refused,
    code="target-read-only",
    next="Take the primary server as target, or let the owner lift the setting (ALTER DATABASE … SET default_transaction_read_only = off).",
):
    """The target {target} may not be written: {reason}."""


class SameTable(Refused, code="same-table"):
    """Source and target are the same table {table}."""


class SameFile(Refused, code="same-file", next="Write to another file, or copy the file first and read the copy."):
    """Source and target are the same SQLite file {path}: it cannot be written while it is read."""


class NameNotPossible(
    Refused,
    code="name-not-possible",
    next="Repeat with --names adapt, which gives such names anew and tells each; or name it in a mapping file (--mapping FILE), or leave its table out (--exclude).",
):
    """{database} cannot hold the {what} {name}: {reason}."""


class NothingToCopy(Refused, code="nothing-to-copy", next="Leave it out: --exclude {table}"):
    """Table {table} has no column that can be copied: it has none at all, or only generated ones."""


class MappingChanged(Refused, code="mapping-changed"):
    """The unfinished run {run_id} between these databases has another mapping or selection: {difference}."""


class OneTargetSchema(UsageError, code="one-target-schema"):
    """The schemas {schemas} go into their namesakes in the target: one target schema ({target}) for all is not possible."""


class SchemasTogether(
    UsageError,
    code="schemas-together",
    next="Migrate one schema at a time, or let each table's name begin with its schema (--prefix-schema).",
):
    """{database} has no schemas: tables of {schemas} would lie together."""


class PlanRefused(Refused, code="plan-refused", next="Each line names its own remedy."):
    """{count} things keep this plan from being made:{lines}"""


def raise_all(errors: Sequence[WorkbenchError]) -> None:
    """Raise what keeps a plan from being made: one error as it is, several as one that names them all."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        lines = "".join(f"\n  {error.message} {error.next}".rstrip() for error in errors)
        raise PlanRefused(count=len(errors), lines=lines)
