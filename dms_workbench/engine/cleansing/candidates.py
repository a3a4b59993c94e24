"""Expressions that might clean a column, by what its values are meant to be. Which one is right is tried, not believed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ..expressions import InvalidExpression
from ..expressions.parts import quoted
from ..expressions.syntax import parse_expression
from ..mapping.settle import in_quotes
from ..profiling.kinds import Reading
from ..profiling.kinds.codes import BooleanReading
from ..profiling.kinds.dates import FORMS, DateReading
from ..profiling.kinds.numbers import CURRENCY, NumberReading

CURRENCIES = {"€": "EUR", "euro": "EUR", "$": "USD", "dollar": "USD", "£": "GBP", "¥": "JPY"}
"""Signs that stand for one currency here."""
MOST_WORDS = 8


def candidates(name: str, reading: Reading | None, wrong: Collection[str]) -> Iterator[str]:
    """Expressions for a column, the simplest first. wrong: its values that are not as they should be."""
    x = spelled(name)
    yield x
    yield f"tidy({x})"
    kind = reading.kind if reading is not None else ""
    if kind in ("email", "uuid"):
        yield f"lower(tidy({x}))"
    elif kind == "phone":
        yield f"coalesce(try_phone_e164({x}), tidy({x}))"
    elif kind == "country":
        yield f"coalesce(try_country_code({x}), tidy({x}))"
    elif isinstance(reading, BooleanReading):
        yes, no = quoted(reading.truth), quoted(reading.falsehood)
        yield (
            f"CASE WHEN try_parse_boolean({x}) THEN {yes} WHEN NOT try_parse_boolean({x}) THEN {no} ELSE tidy({x}) END"
        )
    elif isinstance(reading, DateReading):
        yield from of_dates(x, reading)
    elif isinstance(reading, NumberReading):
        yield from of_numbers(x, reading, wrong)


def spelled(name: str) -> str:
    """A column's name as an expression has it: in quotes where it would else be read as something else."""
    if name.isascii() and name.isidentifier() and name.islower():
        try:
            tree = parse_expression(name)
        except InvalidExpression:
            return in_quotes(name)
        if type(tree.unnest()).__name__ == "Column":
            return name
    return in_quotes(name)


def of_dates(x: str, reading: DateReading) -> Iterator[str]:
    """Dates in other forms, where a form leaves no doubt which number is the day."""
    wanted = reading.detail
    days = [reading.form.name, *(form.name for form in FORMS if not form.ambiguous and form.name != reading.form.name)]
    clocks = [f"{day}{middle}%H:%M:%S" for day in days for middle in (" ", "T")] if reading.with_time else []
    reads = ", ".join(f"try_strptime(tidy({x}), {quoted(form)})" for form in (wanted, *clocks[:8], *days))
    own = f"try_strptime({x}, {quoted(wanted)})"
    whole = f"coalesce(strftime(coalesce({reads}), {quoted(wanted)}), tidy({x}))"
    if not reading.with_time:
        forms = ", ".join(quoted(day) for day in days[:MOST_WORDS])
        yield f"coalesce(strftime(try_parse_date(tidy({x}), {forms}), {quoted(wanted)}), tidy({x}))"
    yield whole
    yield f"CASE WHEN {own} IS NOT NULL THEN {x} ELSE {whole} END"


def of_numbers(x: str, reading: NumberReading, wrong: Collection[str]) -> Iterator[str]:
    """Numbers with groups, and with a currency where all those written are the same one."""
    beside = currencies(wrong)
    mark = "comma" if reading.comma else "point"
    for other in ("", "point" if reading.comma else "comma"):
        tries = [f"try_parse_number(tidy({x}), {quoted(each)}{beside})" for each in (mark, other) if each]
        number = tries[0] if len(tries) == 1 else f"coalesce({', '.join(tries)})"
        if reading.scale:
            number = f"CAST(CAST({number} AS DECIMAL(30,{reading.scale})) AS VARCHAR)"
        written = f"replace({number}, '.', ',')" if reading.comma else number
        whole = f"coalesce({written}, tidy({x}))"
        form = "[+-]?[0-9]+(,[0-9]+)?" if reading.comma else r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)"
        yield f"CASE WHEN regexp_full_match({x}, {quoted(form)}) THEN {x} ELSE {whole} END"


def currencies(values: Collection[str]) -> str:
    """The third value of parse_number: the signs that stand beside numbers; "" where there are none, or several currencies."""
    signs = {sign for value in values for sign in CURRENCY.findall(value)}
    if not signs or len({CURRENCIES.get(sign.casefold(), sign.upper()) for sign in signs}) > 1:
        return ""
    return ", " + quoted(" ".join(sorted(signs)))


def without_words(expression: str, words: Sequence[str]) -> str:
    """The expression with NULL for words for nothing; these words, where they are few."""
    distinct = sorted({word.strip().casefold() for word in words})
    listed = "".join(f", {quoted(word)}" for word in distinct) if len(distinct) <= MOST_WORDS else ""
    return f"nullif_word({expression}{listed})"
