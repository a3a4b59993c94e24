"""Offers that take a value apart or put one together: names of persons, addresses, dates with times, names of two parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .offer_sight import TEXTS, Named, Offer, Sight, judged, same

NAME = frozenset({"name"})
FIRST = frozenset({"first", "given", "forename", "firstname"})
LAST = frozenset({"last", "family", "surname", "lastname"})
PERSON = frozenset({"full", "real", "display", "complete", "contact", "person", "customer", "client", "employee", "member",
                    "patient", "student", "guest", "author", "holder", "recipient"})  # fmt: skip
STREET = frozenset({"street", "road"})
HOUSE = frozenset({"house", "building", "street"})
NUMBER = frozenset({"number", "no", "nr", "num"})
ADDRESS = frozenset({"address"})
TIMES = frozenset({"date", "time", "at", "on", "day", "hour", "timestamp", "datetime", "ts", "dt", "when", "clock"})
GENERIC = frozenset({"id", "key", "number", "no", "code", "name", "date", "time", "type", "at", "on", "by", "flag", "value",
                     "text", "is", "has", "count", "of", "identifier"})  # fmt: skip

FIRST_WORD = "split_part({0}, ' ', 1)"
REST = "trim(substring({0}, length(split_part({0}, ' ', 1)) + 1))"
FIRST_AFTER_COMMA = "trim(split_part({0}, ',', 2))"
LAST_BEFORE_COMMA = "trim(split_part({0}, ',', 1))"
HOUSE_NUMBER = "regexp_extract({0}, '([0-9]+ *[A-Za-z]?) *$', 1)"
STREET_NAME = "trim(regexp_replace({0}, '[0-9]+ *[A-Za-z]? *$', ''))"


def first_of_name(column: Named) -> bool:
    """Is it a first name?"""
    return bool(column.concepts & FIRST) and (bool(column.concepts & NAME) or len(column.words) == 1)


def last_of_name(column: Named) -> bool:
    """Is it a family name?"""
    return bool(column.concepts & LAST) and (
        bool(column.concepts & (NAME | {"surname", "lastname"})) or len(column.words) == 1
    )


def whole_name(column: Named) -> bool:
    """May it be the whole name of a person?"""
    rest = column.without(NAME)
    return bool(column.concepts & NAME) and all(word & PERSON for word in rest)


def texts(columns: Sequence[Named]) -> list[Named]:
    """Columns of text."""
    return [column for column in columns if column.outline.kind in TEXTS]


def split_names(sight: Sight) -> Iterator[Offer]:
    """One name into first and last name."""
    firsts, lasts = ([each for each in texts(sight.targets) if is_it(each)] for is_it in (first_of_name, last_of_name))
    mine = texts(sight.sources)
    if not (firsts and lasts) or any(first_of_name(each) for each in mine):
        return
    for whole in [each for each in mine if whole_name(each) or in_both(sight, each, firsts[0], lasts[0])][:2]:
        profile = sight.profile(whole)
        comma = profile is not None and profile.share_with(", ") > 0.5
        why = f"{whole.name} is a whole name, {sight.target.name} wants it in two columns"
        told = "the values are written 'Last, First'" if comma else "the first word, and all that follows it"
        forms = (FIRST_AFTER_COMMA, LAST_BEFORE_COMMA) if comma else (FIRST_WORD, REST)
        for target, form in ((firsts[0], forms[0]), (lasts[0], forms[1])):
            if sight.doubtful(target) or target.name in {firsts[0].name, lasts[0].name}:
                yield sight.offer(
                    "split", target, [whole], or_null(form.format(whole.quoted), target), judged(0.8, why, told)
                )


def in_both(sight: Sight, column: Named, first: Named, last: Named) -> bool:
    """Is it called a name, and the best candidate for the first and for the last name? Then it most likely holds both."""
    best = [next((source for source, _ in sight.candidates(target)), None) for target in (first, last)]
    return bool(column.concepts & NAME) and not last_of_name(column) and best == [column, column]


def or_null(expression: str, target: Named) -> str:
    """Nothing is NULL, where the target takes that."""
    return f"nullif({expression}, '')" if target.outline.nullable else expression


def merge_names(sight: Sight) -> Iterator[Offer]:
    """First and last name into one name."""
    mine = texts(sight.sources)
    first = next((each for each in mine if first_of_name(each)), None)
    last = next((each for each in mine if last_of_name(each)), None)
    own = (each for each in sight.targets if first_of_name(each) and not each.without(FIRST | NAME))
    if first is None or last is None or any(own):
        return
    for target in texts(sight.wanted):
        if whole_name(target):
            why = f"{first.name} and {last.name} make a whole name"
            yield sight.offer("merge", target, [first, last], joined(" ", [first, last]), judged(0.8, why))


def joined(separator: str, columns: Sequence[Named]) -> str:
    """Texts with something between them; NULL is left out."""
    return f"concat_ws('{separator}', {', '.join(column.quoted for column in columns)})"


def street_part(column: Named) -> bool:
    """Is it a street, with or without a number?"""
    return bool(column.concepts & STREET) and column.outline.kind in TEXTS


def house_number(column: Named) -> bool:
    """Is it the number of a house?"""
    sure = bool(column.concepts & HOUSE - STREET)
    return bool(column.concepts & NUMBER) and (
        sure or (bool(column.concepts & STREET) and (column.outline.length or 0) <= 20)
    )


def split_streets(sight: Sight) -> Iterator[Offer]:
    """Street with number into two columns."""
    streets = [each for each in sight.targets if street_part(each) and not house_number(each)]
    numbers = [each for each in texts(sight.targets) if house_number(each)]
    mine = [each for each in texts(sight.sources) if street_part(each) or each.concepts & ADDRESS]
    if not (streets and numbers and mine) or any(house_number(each) for each in mine[1:]):
        return
    whole = mine[0]
    why = f"{whole.name} holds street and number, {sight.target.name} wants them in two columns"
    forms = ((streets[0], STREET_NAME, "all before it"), (numbers[0], HOUSE_NUMBER, "the number at its end"))
    for target, form, told in forms:
        made = or_null(form.format(whole.quoted), target)
        yield sight.offer("split", target, [whole], made, judged(0.6, why, told))


def merge_streets(sight: Sight) -> Iterator[Offer]:
    """Street and number into one column."""
    street = next((each for each in texts(sight.sources) if street_part(each) and not house_number(each)), None)
    number = next((each for each in sight.sources if house_number(each)), None)
    if street is None or number is None or any(house_number(each) for each in sight.targets):
        return
    for target in texts(sight.wanted):
        if (street_part(target) or same(target.meanings[:1], (ADDRESS,))) and target.name != number.name:
            why = f"{street.name} and {number.name} make a line of an address"
            yield sight.offer("merge", target, [street, number], joined(" ", [street, number]), judged(0.7, why))
            return


def split_times(sight: Sight) -> Iterator[Offer]:
    """A timestamp into date and time."""
    for target in sight.targets:
        if target.kind not in {"date", "time"}:
            continue
        twin = {"date": "time", "time": "date"}[target.kind]
        core = target.without(TIMES)
        if not any(each.kind == twin and alike(each.without(TIMES), core) for each in sight.targets):
            continue
        for source in sight.sources:
            if source.kind == "timestamp" and alike(source.without(TIMES), core):
                part = source.quoted if not zoned(source) else f"({source.quoted} AT TIME ZONE 'UTC')"
                made = f"CAST({part} AS {target.kind.upper()})"
                why = f"{source.name} is a timestamp, {sight.target.name} wants date and time in two columns"
                yield sight.offer("split", target, [source], made, judged(0.85, why))


def alike(mine: Sequence[frozenset[str]], theirs: Sequence[frozenset[str]]) -> bool:
    """Do two names mean the same apart from words for times? Nothing and nothing is the same, too."""
    return (not mine and not theirs) or same(mine, theirs)


def zoned(column: Named) -> bool:
    """Is it a timestamp with time zone?"""
    native = column.outline.native.lower()
    return "timestamptz" in native or "with time zone" in native


def merge_times(sight: Sight) -> Iterator[Offer]:
    """Date and time into a timestamp."""
    dates = [each for each in sight.sources if each.kind == "date"]
    times = [each for each in sight.sources if each.kind == "time"]
    for target in sight.wanted:
        if target.kind != "timestamp":
            continue
        core = target.without(TIMES)
        for date in dates:
            for time in times:
                if alike(date.without(TIMES), core) and alike(time.without(TIMES), core):
                    why = f"{date.name} and {time.name} make a timestamp"
                    made = f"{date.quoted} + {time.quoted}"
                    yield sight.offer("merge", target, [date, time], made, judged(0.85, why))


def split_pairs(sight: Sight) -> Iterator[Offer]:
    """A column whose name is those of two open target columns: ``zip_city``."""
    for source in texts(sight.sources):
        for left, right in cut_in_two(source, sight.wanted):
            profile = sight.profile(source)
            sign = (profile.separator if profile is not None else "") or default_sign(left, right)
            told = f"the values are cut at {sign!r}"
            why = f"the name {source.name} is those of {left.name} and {right.name}"
            for target, number in ((left, 1), (right, 2)):
                part = f"trim(split_part({source.quoted}, '{sign}', {number}))"
                yield sight.offer(
                    "split", target, [source], cast(or_null(part, target), target), judged(0.6, why, told)
                )


def merge_pairs(sight: Sight) -> Iterator[Offer]:
    """Two columns whose names make that of an open target column."""
    for target in texts(sight.wanted):
        for left, right in cut_in_two(target, sight.sources):
            why = f"the name {target.name} is those of {left.name} and {right.name}"
            sign = default_sign(left, right)
            yield sight.offer("merge", target, [left, right], joined(sign, [left, right]), judged(0.55, why))


def cut_in_two(whole: Named, parts: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    """Columns whose words one after the other are those of a name; words that any name may end in do not count."""
    for cut in range(1, len(whole.meanings)):
        found = [
            next((part for part in parts if part.name != whole.name and part.without(GENERIC)
                  and same(part.meanings, words)), None)
            for words in (whole.meanings[:cut], whole.meanings[cut:])
        ]  # fmt: skip
        if found[0] is not None and found[1] is not None and found[0] != found[1]:
            yield found[0], found[1]


def default_sign(left: Named, right: Named) -> str:
    """What most likely stands between two parts: a comma between numbers, else a blank."""
    return "," if {left.kind, right.kind} <= {"decimal", "float"} else " "


def cast(expression: str, target: Named) -> str:
    """A text as the target's kind wants it."""
    types = {"integer": "BIGINT", "decimal": "DOUBLE", "float": "DOUBLE", "date": "DATE", "time": "TIME"}
    return f"CAST({expression} AS {types[target.kind]})" if target.kind in types else expression


RULES = (split_names, merge_names, split_streets, merge_streets, split_times, merge_times, split_pairs, merge_pairs)
