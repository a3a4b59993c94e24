"""What became of a run, for people who read a notebook or its report: each function gives something to show in a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..connections import Connection
from ..runs import QuarantineLine, Run, RunQuarantine
from .execute import RUN_KEY
from .found import HasBus
from .shown import Badge, Banner, Grid, number

ACCOUNTS = ("written", "unchanged", "merged", "filtered", "quarantined")
ROWS_SHOWN = 1_000
ENDINGS = {
    "succeeded": ("good", "Succeeded"),
    "succeeded_with_quarantine": ("good", "Succeeded, with rows in quarantine"),
    "differences": ("bad", "Source and target differ."),
    "not_verified": ("warn", "The rows are there, but it could not be told whether all are equal."),
    "failed": ("bad", "The run failed."),
    "refused": ("bad", "The run was refused."),
    "paused": ("warn", "The run is paused."),
    "cancelled": ("warn", "The run was cancelled."),
    "interrupted": ("warn", "The run was interrupted; it can be resumed."),
}
VERDICTS = {
    "equal": Badge("✓ equal", "good"),
    "different": Badge("✗ different", "bad"),
    "not_verified": Badge("not verified", "warn"),
}
SINCE = {
    "source": "changed in the source since the run",
    "target": "changed in the target since the run",
    "both": "either side may have changed it since the run",
    "neither": "was different when the run ended",
}
OUTCOMES = {"created": "good", "altered": "warn", "present": "still", "left_out": "warn"}


class Started:
    """A run that has just been queued. Its output names the run, so that whoever executes the notebook can watch it."""

    def __init__(self, run: Run) -> None:
        """run: as ``wb.runs.start`` gave it."""
        self.run = run

    def __repr__(self) -> str:
        return f"Run {self.run.id} is {self.run.status}."

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, str], dict[str, str]]:
        return {"text/plain": repr(self)}, {RUN_KEY: self.run.id}


def started(run: Run) -> Started:
    """Show that a run was started."""
    return Started(run)


def asked(source: Connection, target: Connection, *, mapping: str, mode: str, project: str) -> Grid:
    """Where the rows come from, where they go and how; URLs without passwords."""
    rows = [
        ["Source", source.url],
        ["Target", target.url],
        ["Mapping", mapping or "none: every table goes to its namesake"],
        ["Mode", mode],
        ["Project", project],
    ]
    return Grid(["", ""], rows)


def outcome(run: Run) -> Banner:
    """How the run ended, with its sums."""
    tone, words = ENDINGS.get(run.status, ("still", f"The run is {run.status}."))
    error = run.error or {}
    lines = [str(error[name]) for name in ("message", "safe", "next") if error.get(name)]
    if tone == "good":
        lines.insert(0, "Every row is accounted for, and the target was read back.")
    tables = result_of(run, "tables")
    sums = {name: sum(table[name] for table in tables) for name in ("read", *ACCOUNTS)}
    used = [name for name in ACCOUNTS if sums[name] or name in {"written", "quarantined"}]
    figures = [(number(sums["read"]), "rows read"), *((number(sums[name]), name) for name in used)]
    figures += [(str(len(tables)), "table" if len(tables) == 1 else "tables"), (f"{run.seconds:.1f} s", "in all")]
    return Banner(words, tone, figures if tables else (), lines)


def books(run: Run) -> Grid:
    """Each table's books, **read = written + unchanged + merged + filtered + quarantined**, and the sum of all.

    Accounts that hold no row in any table are left out.
    """
    tables = result_of(run, "tables")
    used = [name for name in ACCOUNTS if name == "written" or any(table[name] for table in tables)]
    rows: list[list[str | Badge]] = [
        [named(table), *sums(table, used), VERDICTS[table["verified"]]] for table in tables
    ]
    if len(tables) > 1:
        total = {name: sum(table[name] for table in tables) for name in ("read", *used)}
        rows.append([f"{len(tables)} tables", *sums(total, used), together(tables)])
    signs = [sign for name in used for sign in ("=" if name == used[0] else "+", name)]
    header = ["Table", "read", *signs, "verified"]
    return Grid(
        header, rows, right=frozenset(range(1, 2 * len(used) + 2)), total=len(tables) > 1, empty="No table was copied."
    )


def sums(table: dict[str, Any], used: Sequence[str]) -> list[str]:
    """The numbers of a line, with signs between them."""
    cells = [number(table["read"])]
    for name in used:
        cells += ["=" if name == used[0] else "+", number(table[name])]
    return cells


def together(tables: Sequence[dict[str, Any]]) -> Badge:
    """What verification found in all."""
    for verdict in ("different", "not_verified"):
        found = sum(table["verified"] == verdict for table in tables)
        if found:
            return Badge(f"{VERDICTS[verdict]}: {found}", VERDICTS[verdict].tone)
    return Badge("✓ all equal", "good")


def named(table: dict[str, Any]) -> str:
    """The table, or both where the names differ."""
    return table["source"] if table["source"] == table["target"] else f"{table['source']} → {table['target']}"


def verification(run: Run) -> Banner | Grid:
    """What reading the target back found: one sentence if all is equal, else the tables and the rows that differ."""
    tables = result_of(run, "tables")
    wrong = [table for table in tables if table["verified"] != "equal"]
    if not tables or wrong:
        rows = [line for table in wrong for line in finding_lines(table)]
        return Grid(["Table", "Found", "Key", "Columns"], rows, empty="Nothing was verified.")
    rows_compared = sum(table["written"] for table in tables)
    title = f"All {len(tables)} tables are equal" if len(tables) > 1 else "The table is equal"
    said = f"{number(rows_compared)} rows of the target were read back and compared through the mapping."
    return Banner(title, "good", lines=[said, *ways(tables)])


def ways(tables: Sequence[dict[str, Any]]) -> list[str]:
    """How the tables were compared, and how many in each way where there are several."""
    how = Counter(str(table["compared"]) for table in tables if table.get("compared"))
    said = [f"{way} ({number(many)} of {len(tables)} tables)" if len(how) > 1 else way for way, many in how.items()]
    return [f"How: {', '.join(said)}."] if said else []


def finding_lines(table: dict[str, Any]) -> list[list[str | Badge]]:
    """Why a table is not equal: the verdict, then its first rows that differ."""
    lines: list[list[str | Badge]] = [[named(table), VERDICTS[table["verified"]], table.get("reason", ""), ""]]
    lines += [
        ["", str(found.get("kind", "")), keyed(found.get("key") or {}), columns_of(found)]
        for found in table.get("findings", ())
    ]
    return lines


def columns_of(found: dict[str, Any]) -> str:
    """The columns in which a row differs, and what is known of it since the run."""
    return "; ".join(filter(None, [", ".join(found.get("columns") or ()), SINCE.get(str(found.get("since")), "")]))


def objects(run: Run) -> Grid:
    """The account of objects: how many of each kind were created, altered or present, and each one left out with its reason."""
    items = result_of(run, "objects")
    counted = Counter((item["outcome"], item["kind"]) for item in items if not item["reason"])
    rows: list[list[str | Badge]] = [
        [outcome_badge(outcome), f"{kind} ({many})" if many > 1 else kind, names_of(items, outcome, kind), ""]
        for (outcome, kind), many in counted.items()
    ]
    rows += [
        [outcome_badge(item["outcome"]), item["kind"], item["name"], item["reason"]] for item in items if item["reason"]
    ]
    return Grid(["Outcome", "Kind", "Name", "Reason"], rows, empty="No object was touched.")


def outcome_badge(outcome: str) -> Badge:
    """An outcome of an object."""
    return Badge(outcome.replace("_", " "), OUTCOMES.get(outcome, "still"))


def names_of(items: Sequence[dict[str, Any]], outcome: str, kind: str) -> str:
    """The names of the objects of a kind."""
    return ", ".join(
        item["name"] for item in items if (item["outcome"], item["kind"], item["reason"]) == (outcome, kind, "")
    )


def causes(run: Run) -> Grid:
    """Rows in quarantine by table, column and reason; of the first thousand."""
    counted = Counter((row["table"], row["column"] or "", row["reason"]) for row in result_of(run, "quarantine"))
    rows = [[table, column, reason, number(many)] for (table, column, reason), many in counted.most_common()]
    return Grid(["Table", "Column", "Reason", "Rows"], rows, right=frozenset({3}), empty="No row is in quarantine.")


def quarantine(workbench: HasBus, run: Run, limit: int = ROWS_SHOWN) -> Grid:
    """The rows in quarantine with key, column and reason, read from the target's ledger.

    limit: rows at most. Raises NotPermitted for who may not see rows.
    """
    lines: list[QuarantineLine] = (
        workbench.bus.send(RunQuarantine(run.id, limit=limit)) if result_of(run, "quarantine") else []
    )
    rows = [[line.table, keyed(line.key), line.column or "", line.reason] for line in lines]
    return Grid(["Table", "Key", "Column", "Reason"], rows, empty="No row is in quarantine.")


def keyed(key: dict[str, Any]) -> str:
    """A key as ``id = 7``."""
    return ", ".join(f"{name} = {value}" for name, value in key.items()) or "no key"


def result_of(run: Run, name: str) -> list[dict[str, Any]]:
    """A list of the run's result; empty if it has none."""
    return list((run.result or {}).get(name, ()))
