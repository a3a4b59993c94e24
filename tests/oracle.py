"""Compares two databases without anything of dms_workbench, for tests that must not trust its verifier.

    python -m tests.oracle SOURCE_URL TARGET_URL [--tables source:target,...]

prints one JSON object: ``{table: {"lost": n, "duplicated": n, "altered": n, "extra": n}}`` by the target's table name, counts in
rows. Columns are paired by name; a table with a primary key on both sides is joined on it, any other compared as a multiset.
URLs: postgresql://…, mysql://…, sqlite:///path, duckdb:///path, or the path of a file.
"""

from __future__ import annotations

import argparse
import json
import re
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.oracle_readers import Reader, Row, Shape, open_reader

FLOAT32 = re.compile(r"real|float4|float", re.IGNORECASE)


def number(value: Any) -> Any:
    """Equal numbers alike, whatever they are held in."""
    if isinstance(value, bool):
        return Decimal(int(value))
    try:
        read = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        return ("no number", str(value))
    return str(read) if read.is_nan() else read.normalize() if read else Decimal(0)


def single(value: Any) -> Any:
    """A number at 32 bits, where one side holds no more."""
    try:
        return repr(struct.unpack("f", struct.pack("f", float(value)))[0])
    except (TypeError, ValueError, OverflowError):
        return number(value)


def double(value: Any) -> Any:
    """A float by its value; the sign of a zero counts."""
    try:
        return repr(float(value))
    except (TypeError, ValueError):
        return ("no number", str(value))


WORDS = {
    "true": True,
    "t": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "n": False,
    "0": False,
}


def truth(value: Any) -> Any:
    """True or false, from 0 and 1 and the usual words too."""
    return (
        bool(value)
        if isinstance(value, bool | int | float) and value in (0, 1)
        else WORDS.get(str(value).lower(), value)
    )


def moment(value: Any) -> Any:
    """Dates and times in one spelling."""
    text = re.sub(r"^(\S+) \(BC\)(.*)$", r"\1\2 BC", str(value).strip())
    text = re.sub(r"^(\d[\d-]+)T", r"\1 ", text).replace("Z", "+00").replace("+00:00", "+00")
    text = re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text).replace(".+", "+").rstrip(".")
    text = re.sub(r" months?\b", lambda found: found[0].replace("month", "mon"), text)
    return re.sub(r"^(\d{4,}-\d\d-\d\d)( BC)?$", r"\1 00:00:00\2", text).replace("+00", "")


def raw(value: Any) -> Any:
    """Bytes; text as its UTF-8."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)


def text(value: Any) -> Any:
    """Text as it stands, other values as they print."""
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str | bytes) else str(value)


Form = Callable[[Any], Any]
FORMS: tuple[tuple[str, Form], ...] = (
    (r"bool.*", truth),
    (r"interval|date.*|time.*", moment),
    (r".*int.*|numeric.*|decimal.*|serial.*|number.*", number),
    (r"double.*|real|float.*", double),
    (r"blob|bytea|.*binary.*", raw),
)


def family(type_: str) -> Form:
    """How the values of a type are compared."""
    return next((form for pattern, form in FORMS if re.fullmatch(pattern, type_.lower())), text)


def form_of(source: tuple[str, str], target: tuple[str, str]) -> Form:
    """How a column's values are compared: by the target's type, numbers by the narrower side.

    source, target: product and declared type.
    """
    form = family(target[1])
    if form is text and family(source[1]) in (truth, moment, number, double):
        form = family(source[1])
    if form is double:
        narrow = any(product != "sqlite" and FLOAT32.fullmatch(type_) for product, type_ in (source, target))
        to_sqlite = target[0] == "sqlite"
        return single if narrow else (lambda value: double(value).replace("-0.0", "0.0")) if to_sqlite else double
    return form


def canonical(row: Row, forms: Sequence[Form]) -> Row:
    """A row in the forms; NULL is itself."""
    return tuple(None if value is None else form(value) for value, form in zip(row, forms, strict=True))


def compare_keyed(
    source: Iterable[Row], target: Iterable[Row], forms: Sequence[Form], key: Sequence[int]
) -> dict[str, int]:
    """Full outer join on the key."""
    forms_of_key = [forms[place] for place in key]
    quick = double not in forms
    wanted = {canonical([row[place] for place in key], forms_of_key): row for row in source}  # type: ignore[arg-type]
    counts = {"lost": 0, "duplicated": 0, "altered": 0, "extra": 0}
    seen: set[Row] = set()
    for row in target:
        name = canonical([row[place] for place in key], forms_of_key)  # type: ignore[arg-type]
        expected = wanted.get(name)
        if name in seen:
            counts["duplicated"] += 1
        elif expected is None:
            counts["extra"] += 1
        elif not (quick and expected == row) and canonical(expected, forms) != canonical(row, forms):
            counts["altered"] += 1
        seen.add(name)
    counts["lost"] = sum(1 for name in wanted if name not in seen)
    return counts


def compare_keyless(source: Iterable[Row], target: Iterable[Row], forms: Sequence[Form]) -> dict[str, int]:
    """Multisets of rows: EXCEPT ALL both ways."""
    wanted = Counter(canonical(row, forms) for row in source)
    found = Counter(canonical(row, forms) for row in target)
    surplus = found - wanted
    duplicated = sum(count for row, count in surplus.items() if row in wanted)
    lost = sum((wanted - found).values())
    return {"lost": lost, "duplicated": duplicated, "altered": 0, "extra": sum(surplus.values()) - duplicated}


def compare_table(source: tuple[Reader, str, Shape], target: tuple[Reader, str, Shape]) -> dict[str, int]:
    """One table: reader, name and shape of both sides."""
    names = [name for name in source[2].columns if name in target[2].columns]
    forms = [
        form_of((source[0].product, source[2].columns[name]), (target[0].product, target[2].columns[name]))
        for name in names
    ]
    left, right = (
        reader.rows(table, {name: shape.columns[name] for name in names}) for reader, table, shape in (source, target)
    )
    key = source[2].key if set(source[2].key) <= set(names) and source[2].key == target[2].key else ()
    if key:
        return compare_keyed(left, right, forms, [names.index(name) for name in key])
    return compare_keyless(left, right, forms)


def compare(source_url: str, target_url: str, tables: dict[str, str] | None = None) -> dict[str, dict[str, int]]:
    """Compare tables (source name to target name; by default all of the source); a missing target table is all lost."""
    with closing(open_reader(source_url)) as source, closing(open_reader(target_url)) as target:
        left, right = source.shapes(), target.shapes()
        results = {}
        for name, other in (tables or {name: name for name in left}).items():
            if other in right:
                results[other] = compare_table((source, name, left[name]), (target, other, right[other]))
            else:
                lost = sum(1 for _ in source.rows(name, left[name].columns))
                results[other] = {"lost": lost, "duplicated": 0, "altered": 0, "extra": 0}
        return results


def main(arguments: Sequence[str]) -> int:
    """Print the comparison as JSON; 0 if nothing differs, else 1."""
    parser = argparse.ArgumentParser(description="Compare two databases, independently of dms_workbench.")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--tables", default="", help="source:target,... (default: every table to its namesake)")
    given = parser.parse_args(arguments)
    pairs = [pair.partition(":") for pair in given.tables.split(",") if pair]
    results = compare(given.source, given.target, {name: other or name for name, _, other in pairs} or None)
    sys.stdout.write(json.dumps(results, ensure_ascii=False) + "\n")
    return int(any(any(counts.values()) for counts in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
