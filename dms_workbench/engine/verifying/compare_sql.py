"""The SQL that compares the views ``expected`` and ``found``: which rows differ, and in which columns."""

from __future__ import annotations

from collections.abc import Sequence

from .sql import row_hash


def create_unequal(width: int, salt: str) -> str:
    """The row hashes that do not stand equally often on both sides: n > 0 too few in the target, n < 0 too many.

    some_equal: do rows with such a hash stand on both sides?
    """
    hashed = row_hash([f"k{index}" for index in range(width)], salt)
    return (
        "CREATE OR REPLACE TABLE unequal AS SELECT h, CAST(sum(n) AS BIGINT) AS n, min(n) < max(n) AS some_equal FROM ("
        f"SELECT {hashed} AS h, 1 AS n FROM expected UNION ALL SELECT {hashed}, -1 FROM found) GROUP BY h HAVING sum(n) <> 0"
    )


def create_remainder(name: str, origin: str, sign: int, some_equal: bool, width: int, salt: str) -> str:
    """The unequal rows of one side with their texts, each as often as it is too many there.

    some_equal: may some of the rows with such a hash be equal to one of the other side?
    """
    names = [f"k{index}" for index in range(width)]
    columns = ", ".join(names) or "NULL AS k0"
    nth = ", u.n, row_number() OVER (PARTITION BY o.h) AS nth" if some_equal else ""
    rows = (
        f"SELECT o.*{nth} FROM (SELECT {columns}, {row_hash(names, salt)} AS h FROM {origin}) o"
        f" JOIN unequal u ON u.h = o.h AND u.n * {sign} > 0"
    )
    few = f"SELECT * EXCLUDE (n, nth) FROM ({rows}) WHERE nth <= abs(n)" if some_equal else rows
    return f"CREATE OR REPLACE TABLE {name} AS {few}"


def create_pairs(width: int, keys: Sequence[int]) -> str:
    """The rows left on both sides, joined on the key, the k-th of a key with the k-th: the key, and which columns differ."""
    numbered = "SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY h) AS nth FROM {name}"
    key_list = ", ".join(f"k{key}" for key in keys)
    left, right = (numbered.format(keys=key_list, name=name) for name in ("too_few", "too_many"))
    on = " AND ".join([f"l.k{key} IS NOT DISTINCT FROM r.k{key}" for key in keys] + ["l.nth = r.nth"])
    known = ", ".join(f"coalesce(l.k{key}, r.k{key}) AS k{key}" for key in keys)
    flags = ", ".join(f"l.k{index} IS DISTINCT FROM r.k{index}" for index in range(width))
    return (
        "CREATE OR REPLACE TABLE pairs AS SELECT CASE WHEN r.h IS NULL THEN 'missing' WHEN l.h IS NULL THEN 'extra' ELSE 'changed' END"
        f" AS kind, {known}, [{flags}] AS differs FROM ({left}) l FULL OUTER JOIN ({right}) r ON {on}"
    )


def keys_repeated(keys: Sequence[int]) -> str:
    """Does a key stand in several rows of ``expected``, or of ``found``?"""
    key = f"({', '.join(f'k{key}' for key in keys)}, 0)"
    sides = (f"(SELECT count(*) > count(DISTINCT {key}) FROM {side})" for side in ("expected", "found"))
    return f"SELECT {' OR '.join(sides)}"


def create_pairs_of_few(width: int, keys: Sequence[int]) -> str:
    """As `create_pairs`, of all rows of ``expected`` and ``found`` that differ; no key stands in several rows of a side."""
    on = " AND ".join(f"l.k{key} IS NOT DISTINCT FROM r.k{key}" for key in keys)
    known = ", ".join(f"coalesce(l.k{key}, r.k{key}) AS k{key}" for key in keys)
    flags = [f"l.k{index} IS DISTINCT FROM r.k{index}" for index in range(width)]
    return (
        "CREATE OR REPLACE TABLE pairs AS SELECT CASE WHEN r.here IS NULL THEN 'missing' WHEN l.here IS NULL THEN 'extra'"
        f" ELSE 'changed' END AS kind, {known}, [{', '.join(flags)}] AS differs FROM (SELECT *, 1 AS here FROM expected) l"
        f" FULL OUTER JOIN (SELECT *, 1 AS here FROM found) r ON {on}"
        f" WHERE l.here IS NULL OR r.here IS NULL OR {' OR '.join(flags)}"
    )


def create_twins(width: int) -> str:
    """For a table without key: the rows left on both sides that differ in one column only, paired one to one per column.

    Two rows are equal but for column i when the exclusive or of their cells' hashes without that of cell i is the same.
    """
    left, right = (rests(name, width) for name in ("too_few", "too_many"))
    return (
        "CREATE OR REPLACE TABLE twins AS SELECT l.cell AS differs, l.spot AS few, r.spot AS many"
        f" FROM ({left}) l JOIN ({right}) r ON l.cell = r.cell AND l.rest = r.rest AND l.nth = r.nth"
    )


def rests(name: str, width: int) -> str:
    """For every row and cell the hash of the row's other cells."""
    texts = ", ".join(f"coalesce('T' || k{index}, 'N')" for index in range(width))
    cells = f"SELECT rowid AS spot, unnest(range({width})) AS cell, unnest([{texts}]) AS text FROM {name}"
    hashed = f"SELECT spot, cell, md5_number(cell || ':' || text) AS h FROM ({cells})"
    rest = f"SELECT spot, cell, xor(bit_xor(h) OVER (PARTITION BY spot), h) AS rest FROM ({hashed})"
    return f"SELECT *, row_number() OVER (PARTITION BY cell, rest ORDER BY spot) AS nth FROM ({rest})"


COUNT_UNEQUAL = (
    "SELECT coalesce(sum(n) FILTER (n > 0), 0), coalesce(-sum(n) FILTER (n < 0), 0), coalesce(bool_or(some_equal), false)"
    " FROM unequal"
)
COUNT_PAIRS = "SELECT kind, count(*) FROM pairs GROUP BY kind"
LIST_TWINS = "SELECT differs, few, many FROM twins ORDER BY few, many, differs"


def list_pairs(keys: Sequence[int], limit: int | None) -> str:
    """The first findings: kind, key texts, and per column whether it differs. Changed rows first, then missing, then extra.

    limit: how many; None gives all.
    """
    key_texts = ", ".join(f"k{key}" for key in keys)
    order = ", ".join(f"length(k{key}), k{key}" for key in keys)
    return f"SELECT kind, [{key_texts}], differs FROM pairs ORDER BY kind = 'extra', kind = 'missing', {order}" + (
        "" if limit is None else f" LIMIT {limit}"
    )
