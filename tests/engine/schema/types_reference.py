"""Writes docs/reference/types.md from the type tables: python -m tests.engine.schema.types_reference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from dms_workbench.engine.schema.types import LOSSY_RULES, Rule, pair_rules
from tests.documents import ROOT

PAGE = ROOT / "docs" / "reference" / "types.md"
NAMES = {"postgres": "PostgreSQL", "mysql": "MariaDB and MySQL", "sqlite": "SQLite", "duckdb": "DuckDB"}
HEAD = """# Types of one product in another

Generated from the tables of the package by `python -m tests.engine.schema.types_reference`. Within one product a type stays
as it is. CSV and Parquet files have the types of DuckDB. In each table the first line that fits a column decides.

**exact**: every value arrives as it is. **converted**: every value arrives in another form, which the note documents.
**checked**: a value arrives as it is or in the documented form where it fits; one that does not goes to quarantine, which
names its table, key and column. No value is rounded, cut, shifted or replaced unless the mapping file says so.

Text columns that are made in MariaDB or MySQL have a collation that tells every two texts apart, blanks at the end and capitals
included (`utf8mb4_nopad_bin`; MySQL 8: `utf8mb4_0900_bin`), so that two keys of another product never become one.

## Another type

`types` at the top of a [mapping file](mapping-file.md) sets the type for every column of a source type; `type` of a column
sets it for that column and comes first.

```yaml
types:
  "tinyint(1)": boolean
  numeric: "double precision"          # with any limits
  "numeric(*,0)": "numeric({precision},0)"
  datetime: {type: "timestamp with time zone", lossy: naive-utc}
```

A pattern without parentheses fits the type with any limits; `*` stands for anything; the first that fits decides. `{precision}`,
`{scale}`, `{length}` and `{fraction}` in the target are the source's limits.

## Lossy rules

A value that does not fit is changed only under a rule that the mapping names, for a column (`lossy: round`) or for a source type
as above, one or several (`lossy: [strip-nul, cut-text]`). A rule never touches a value that fits. The plan lists the rules; the
run counts the values that each has changed, by table and column (`tables[].changes`), in the ledger with the rows themselves;
and verification expects exactly the changed values.

| Rule | What it does |
|---|---|
"""


def page() -> str:
    """The whole page."""
    rules = "".join(f"| `{name}` | {text} |\n" for name, text in LOSSY_RULES.items())
    return HEAD + rules + "".join(part for pair in permutations(NAMES, 2) for part in section(*pair))


def section(source: str, target: str) -> Iterator[str]:
    """One pair."""
    yield f"\n## {NAMES[source]} into {NAMES[target]}\n\n| Source | If | Target | Conversion | Note |\n|---|---|---|---|---|\n"
    for rule in pair_rules(source, target):
        yield row(rule)


def row(rule: Rule) -> str:
    """One line."""
    source = f"`{rule.native}`" if rule.native is not None else f"any {rule.kind}"
    cells = (source, rule.when, f"`{rule.target}`", rule.conversion, rule.note)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
