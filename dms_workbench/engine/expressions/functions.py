"""The functions an expression may call: the whole list, as data, with what the documentation says of each."""
# ruff: noqa: E501 - the table has one line a function

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Sizes = list[int]
"""The longest text, in characters, that each argument may be; 0 where the argument is no text."""

LONGEST_PADDING = 1_000
"""The highest count that repeat, lpad and rpad take."""


def longest(sizes: Sizes) -> int:
    """The result is no longer than the longest argument."""
    return max(sizes, default=0)


def first(sizes: Sizes) -> int:
    """The result is no longer than the first argument."""
    return sizes[0] if sizes else 0


def joined(sizes: Sizes) -> int:
    """The result holds all arguments."""
    return sum(sizes)


def joined_with(sizes: Sizes) -> int:
    """The result holds all arguments but the first, which stands between them."""
    return sum(sizes[1:]) + sizes[0] * max(len(sizes) - 2, 0)


def replaced(sizes: Sizes) -> int:
    """Every character, and every gap between two, may become the last argument."""
    return (sizes[0] + 1) * max(sizes[2], 1) + sizes[0]


def doubled(sizes: Sizes) -> int:
    """Two characters stand for one; six in JSON escapes are covered by the limit's distance."""
    return 2 * first(sizes) + 4


def short(_: Sizes) -> int:
    """A number, a date, a hash: short whatever goes in."""
    return 64


def padded(_: Sizes) -> int:
    """As long as the padding at most."""
    return LONGEST_PADDING


def repeated(sizes: Sizes) -> int:
    """So many times the first argument."""
    return first(sizes) * LONGEST_PADDING


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language; ``result`` is what its example gives, as text."""

    signature: str
    meaning: str
    example: str
    result: str
    group: str
    arguments: tuple[int, int]
    size: Callable[[Sizes], int] = longest
    literal: dict[int, str] = field(default_factory=dict)
    """Arguments (from 0) that must be written out, and as what: ``text``, ``count``, ``pattern``, ``part``, ``format``."""
    fails: bool = True
    """May it fail on some value?"""

    @property
    def name(self) -> str:
        """The function's name in lower case."""
        return self.signature.partition("(")[0]


MANY = 100
T, N, D, B, O = "Text", "Numbers", "Dates and times", "Bytes and hashes", "Nothing and choice"  # noqa: E741
R = "Repair"
"""A group of its own: what is not DuckDB's."""
FORMATS = dict.fromkeys(range(1, 9), "format")
WORDS = dict.fromkeys(range(1, 9), "text")

LIST: tuple[Function, ...] = (
    Function("upper(text)", "In capitals.", "upper('año 1')", "AÑO 1", T, (1, 1), first, fails=False),
    Function("lower(text)", "In small letters.", "lower('ÄB')", "äb", T, (1, 1), first, fails=False),
    Function("trim(text [, characters])", "Without blanks (or those characters) at both ends.", "trim('  a b ')", "a b", T, (1, 2), first, fails=False),
    Function("ltrim(text [, characters])", "Without them at the start.", "ltrim('00120', '0')", "120", T, (1, 2), first, fails=False),
    Function("rtrim(text [, characters])", "Without them at the end.", "rtrim('a  ')", "a", T, (1, 2), first, fails=False),
    Function("length(text)", "How many characters.", "length('héllo')", "5", T, (1, 1), short, fails=False),
    Function("left(text, n)", "The first n characters.", "left('abcdef', 2)", "ab", T, (2, 2), first),
    Function("right(text, n)", "The last n characters.", "right('abcdef', 2)", "ef", T, (2, 2), first),
    Function("substring(text, start [, n])", "n characters from the start-th on, counted from 1. Also `substring(text FROM 2 FOR 3)`.", "substring('abcdef', 2, 3)", "bcd", T, (2, 3), first),
    Function("substr(text, start [, n])", "The same as substring.", "substr('abcdef', 4)", "def", T, (2, 3), first),
    Function("split_part(text, separator, n)", "The n-th part, from 1; from the end if negative; empty if there is none.", "split_part('Ada Lovelace', ' ', 2)", "Lovelace", T, (3, 3), first),
    Function("replace(text, old, new)", "With every old text replaced.", "replace('1.234,5', '.', '')", "1234,5", T, (3, 3), replaced, fails=False),
    Function("translate(text, from, to)", "Character by character: the first of from becomes the first of to …", "translate('a-b_c', '-_', '  ')", "a b c", T, (3, 3), first),
    Function("concat(a, b, …)", "All joined; NULL counts as empty (`||` gives NULL then).", "concat('a', NULL, 'b')", "ab", T, (1, MANY), joined, fails=False),
    Function("concat_ws(separator, a, b, …)", "All that are not NULL joined, with the separator between.", "concat_ws(', ', 'Berlin', NULL, 'DE')", "Berlin, DE", T, (2, MANY), joined_with, fails=False),
    Function("lpad(text, n, with)", "Filled (or cut) to n characters at the left; n is at most 1000.", "lpad('7', 3, '0')", "007", T, (3, 3), padded, {1: "count"}),
    Function("rpad(text, n, with)", "Filled (or cut) to n characters at the right; n is at most 1000.", "rpad('ab', 4, '.')", "ab..", T, (3, 3), padded, {1: "count"}),
    Function("repeat(text, n)", "n times; n is at most 1000.", "repeat('ab', 3)", "ababab", T, (2, 2), repeated, {1: "count"}),
    Function("reverse(text)", "Backwards.", "reverse('abc')", "cba", T, (1, 1), first, fails=False),
    Function("strpos(text, part)", "Where the part starts, from 1; 0 if nowhere. Also `position(part IN text)`.", "strpos('abc', 'c')", "3", T, (2, 2), short, fails=False),
    Function("contains(text, part)", "Is the part in it?", "contains('abc', 'b')", "true", T, (2, 2), short, fails=False),
    Function("starts_with(text, part)", "Does it start so?", "starts_with('abc', 'ab')", "true", T, (2, 2), short, fails=False),
    Function("ends_with(text, part)", "Does it end so?", "ends_with('abc', 'ab')", "false", T, (2, 2), short, fails=False),
    Function("strip_accents(text)", "Letters without their accents.", "strip_accents('café')", "cafe", T, (1, 1), first, fails=False),
    Function("nfc_normalize(text)", "In Unicode normal form C.", "nfc_normalize('ä') = 'ä'", "true", T, (1, 1), doubled, fails=False),
    Function("chr(code)", "The character with that code.", "chr(65)", "A", T, (1, 1), short),
    Function("ascii(text)", "The code of the first character.", "ascii('A')", "65", T, (1, 1), short, fails=False),
    Function("regexp_matches(text, 'pattern')", "Does the pattern fit somewhere? (RE2 patterns, written out). Also `text ~ 'pattern'` for the whole text.", "regexp_matches('A-17', '[0-9]+')", "true", T, (2, 2), short, {1: "pattern"}),
    Function("regexp_full_match(text, 'pattern')", "Does it fit the whole text?", "regexp_full_match('A-17', '[A-Z]-[0-9]+')", "true", T, (2, 2), short, {1: "pattern"}),
    Function("regexp_extract(text, 'pattern' [, group])", "The part that fits, or that group of it; empty if none.", "regexp_extract('order 4711 x', '([0-9]+)', 1)", "4711", T, (2, 3), first, {1: "pattern", 2: "count"}),
    Function("regexp_replace(text, 'pattern', 'new' [, 'g'])", "With the first (with 'g' every) fit replaced; `\\1` is the first group.", "regexp_replace('a1b22', '[0-9]+', '#', 'g')", "a#b#", T, (3, 4), replaced, {1: "pattern", 2: "replacement", 3: "text"}),
    Function("json_extract_string(text, 'path')", "The value at a path of a JSON text, as text.", "json_extract_string('{\"a\": [1, 2]}', '$.a[1]')", "2", T, (2, 2), first, {1: "text"}),
    Function("round(x [, digits])", "Rounded, half away from zero.", "round(cast('2.345' as DECIMAL(10,3)), 2)", "2.35", N, (1, 2), short),
    Function("abs(x)", "Without its sign.", "abs(-3)", "3", N, (1, 1), short),
    Function("ceil(x)", "The next whole number up.", "ceil(1.2)", "2", N, (1, 1), short),
    Function("floor(x)", "The next whole number down.", "floor(-1.2)", "-2", N, (1, 1), short),
    Function("trunc(x)", "Without its fraction.", "trunc(-1.7)", "-1", N, (1, 1), short),
    Function("sign(x)", "-1, 0 or 1.", "sign(-7)", "-1", N, (1, 1), short),
    Function("mod(x, y)", "The remainder; also `x % y`.", "mod(7, 3)", "1", N, (2, 2), short),
    Function("greatest(a, b, …)", "The greatest that is not NULL.", "greatest(1, 3, 2)", "3", N, (2, MANY), longest),
    Function("least(a, b, …)", "The least that is not NULL.", "least(1, 3, 2)", "1", N, (2, MANY), longest),
    Function("strptime(text, 'format')", "A text as a timestamp, by a format; a text that does not fit rejects the row.", "strptime('31.12.2024', '%d.%m.%Y')", "2024-12-31 00:00:00", D, (2, 2), short, {1: "format"}),
    Function("try_strptime(text, 'format')", "The same; a text that does not fit gives NULL.", "try_strptime('31.02.2024', '%d.%m.%Y')", "NULL", D, (2, 2), short, {1: "format"}, fails=False),
    Function("strftime(date, 'format')", "A date or timestamp as text.", "strftime(DATE '2024-12-31', '%d.%m.%y')", "31.12.24", D, (2, 2), short, {1: "format"}),
    Function("year(date)", "The year. Also `extract(year FROM date)`, and so month, day, hour, minute.", "year(DATE '2024-12-31')", "2024", D, (1, 1), short),
    Function("month(date)", "The month, from 1.", "month(DATE '2024-12-31')", "12", D, (1, 1), short),
    Function("day(date)", "The day of the month.", "day(DATE '2024-12-31')", "31", D, (1, 1), short),
    Function("hour(timestamp)", "The hour.", "hour(TIMESTAMP '2024-12-31 10:20:30')", "10", D, (1, 1), short),
    Function("minute(timestamp)", "The minute.", "minute(TIMESTAMP '2024-12-31 10:20:30')", "20", D, (1, 1), short),
    Function("second(timestamp)", "The second.", "second(TIMESTAMP '2024-12-31 10:20:30')", "30", D, (1, 1), short),
    Function("date_part('part', date)", "A part by its name: year, quarter, month, week, day, dow, doy, hour, minute, second, epoch.", "date_part('quarter', DATE '2024-12-31')", "4", D, (2, 2), short, {0: "part"}),
    Function("date_trunc('part', date)", "Down to the start of the part.", "cast(date_trunc('month', DATE '2024-12-31') as DATE)", "2024-12-01", D, (2, 2), short, {0: "part"}),
    Function("date_diff('part', start, end)", "How many borders of the part lie between.", "date_diff('day', DATE '2024-02-01', DATE '2024-03-01')", "29", D, (3, 3), short, {0: "part"}),
    Function("last_day(date)", "The last day of its month.", "last_day(DATE '2024-02-03')", "2024-02-29", D, (1, 1), short),
    Function("make_date(year, month, day)", "A date from numbers.", "make_date(2024, 2, 29)", "2024-02-29", D, (3, 3), short),
    Function("make_timestamp(year, month, day, hour, minute, second)", "A timestamp from numbers.", "make_timestamp(2024, 2, 29, 1, 2, 3.5)", "2024-02-29 01:02:03.5", D, (6, 6), short),
    Function("epoch_ms(milliseconds)", "A timestamp from milliseconds since 1970.", "epoch_ms(1704067200000)", "2024-01-01 00:00:00", D, (1, 1), short),
    Function("to_timestamp(seconds)", "A timestamp with time zone from seconds since 1970.", "to_timestamp(1704067200)", "2024-01-01 00:00:00+00", D, (1, 1), short),
    Function("to_days(n)", "An interval of n days; so to_months, to_years, to_hours, to_minutes, to_seconds.", "cast(DATE '2024-01-31' + to_days(1) as DATE)", "2024-02-01", D, (1, 1), short),
    Function("to_months(n)", "An interval of n months.", "cast(DATE '2024-01-31' + to_months(1) as DATE)", "2024-02-29", D, (1, 1), short),
    Function("to_years(n)", "An interval of n years.", "cast(DATE '2024-02-29' + to_years(1) as DATE)", "2025-02-28", D, (1, 1), short),
    Function("to_hours(n)", "An interval of n hours.", "TIMESTAMP '2024-01-31 23:00:00' + to_hours(2)", "2024-02-01 01:00:00", D, (1, 1), short),
    Function("to_minutes(n)", "An interval of n minutes.", "TIMESTAMP '2024-01-31 23:00:00' + to_minutes(2)", "2024-01-31 23:02:00", D, (1, 1), short),
    Function("to_seconds(n)", "An interval of n seconds.", "TIMESTAMP '2024-01-31 23:00:00' + to_seconds(2)", "2024-01-31 23:00:02", D, (1, 1), short),
    Function("md5(text)", "The MD5 hash in hexadecimal digits.", "md5('a')", "0cc175b9c0f1b6a831c399e269772661", B, (1, 1), short, fails=False),
    Function("sha256(text)", "The SHA-256 hash in hexadecimal digits.", "left(sha256('a'), 8)", "ca978112", B, (1, 1), short, fails=False),
    Function("encode(text)", "The UTF-8 bytes of a text.", "hex(encode('ä'))", "C3A4", B, (1, 1), doubled, fails=False),
    Function("decode(bytes)", "The text of UTF-8 bytes.", "decode(unhex('C3A4'))", "ä", B, (1, 1), first),
    Function("hex(x)", "Hexadecimal digits of bytes or text.", "hex('a')", "61", B, (1, 1), doubled, fails=False),
    Function("unhex(text)", "Bytes from hexadecimal digits.", "hex(unhex('ff00'))", "FF00", B, (1, 1), first),
    Function("to_base64(bytes)", "Bytes as base64 text.", "to_base64(encode('hi'))", "aGk=", B, (1, 1), doubled, fails=False),
    Function("from_base64(text)", "Bytes from base64 text.", "decode(from_base64('aGk='))", "hi", B, (1, 1), first),
    Function("coalesce(a, b, …)", "The first that is not NULL.", "coalesce(NULL, 'x')", "x", O, (1, MANY), longest),
    Function("ifnull(a, b)", "a, or b if a is NULL.", "ifnull(NULL, 'x')", "x", O, (2, 2), longest),
    Function("nullif(a, b)", "a, or NULL if it equals b.", "nullif('-', '-')", "NULL", O, (2, 2), first),
    Function("if(condition, a, b)", "a where the condition is true, else b; the same as CASE.", "if(1 < 2, 'yes', 'no')", "yes", O, (3, 3), longest),
    Function("lookup('name', key [, default])", "The value a lookup of the mapping file has for the key. A key it lacks rejects the row, unless a default (NULL too) is given; a NULL key gives NULL.", "lookup('status', 'P')", "paid", O, (2, 3), longest, {0: "text"}),
    Function("error('reason')", "Rejects the row for that reason, which is written out.", "if(1 < 2, 'fine', error('not fine'))", "fine", O, (1, 1), short, {0: "text"}),
    Function("tidy(text)", "Without white space at the ends, control and invisible characters and HTML entities, in Unicode normal form C, wrong encodings put right. What cannot be repaired stays.", "tidy(' Fran&ccedil;ois ')", "François", R, (1, 1), doubled, fails=False),
    Function("fix_encoding(text)", "UTF-8 that was read in another code page, put right; a text with lost characters rejects the row.", "fix_encoding('MÃ¼ller')", "Müller", R, (1, 1), doubled),
    Function("nullif_word(text [, 'word', …])", "NULL where the whole text is one of the words, or without any where it is a word for nothing (`n/a`, `null`, `unknown`, `-` …).", "nullif_word('N/A')", "NULL", R, (1, 9), first, WORDS, fails=False),
    Function("parse_number(text, 'comma' or 'point' [, 'EUR €'])", "A number written with that before its fraction, with or without groups of three, as plain text to be cast. Only what the third value names may stand beside it; anything else rejects the row.", "cast(parse_number('1.234,50 €', 'comma', 'EUR €') as DECIMAL(12,2))", "1234.50", R, (2, 3), short, {1: "text", 2: "text"}),
    Function("parse_boolean(text)", "true or false for `yes`, `nein`, `1`, `x` and the like; any other text rejects the row.", "parse_boolean(' Ja ')", "true", R, (1, 1), short),
    Function("parse_date(text, 'format' [, 'format', …])", "A date by the first format that fits; a text that fits none rejects the row.", "parse_date('31.12.2024', '%Y-%m-%d', '%d.%m.%Y')", "2024-12-31", R, (2, 9), short, FORMATS),
    Function("phone_e164(text [, '+49'])", "A telephone number as E.164 has it, a number that begins with 0 with the calling code given; any other text rejects the row.", "phone_e164('030 / 12 34-56 78', '+49')", "+493012345678", R, (1, 2), short, {1: "text"}),
    Function("country_code(text)", "The code of two letters for a country's code or name in 14 languages; any other text rejects the row.", "country_code('Deutschland')", "DE", R, (1, 1), short),
    Function("pad_left(text, n, with)", "Filled to n characters at the left, and never cut; n is at most 1000.", "pad_left('7', 3, '0')", "007", R, (3, 3), padded, {1: "count"}),
    Function("try_fix_encoding(text)", "The same as fix_encoding; NULL instead of a reject.", "try_fix_encoding('M�ller')", "NULL", R, (1, 1), doubled, fails=False),
    Function("try_parse_number(text, 'comma' or 'point' [, 'EUR €'])", "The same as parse_number; NULL instead of a reject.", "try_parse_number('12 or 13', 'point')", "NULL", R, (2, 3), short, {1: "text", 2: "text"}, fails=False),
    Function("try_parse_boolean(text)", "The same as parse_boolean; NULL instead of a reject.", "try_parse_boolean('perhaps')", "NULL", R, (1, 1), short, fails=False),
    Function("try_parse_date(text, 'format' [, 'format', …])", "The same as parse_date; NULL instead of a reject.", "try_parse_date('31.02.2024', '%d.%m.%Y')", "NULL", R, (2, 9), short, FORMATS, fails=False),
    Function("try_phone_e164(text [, '+49'])", "The same as phone_e164; NULL instead of a reject.", "try_phone_e164('call me')", "NULL", R, (1, 2), short, {1: "text"}, fails=False),
    Function("try_country_code(text)", "The same as country_code; NULL instead of a reject.", "try_country_code('Atlantis')", "NULL", R, (1, 1), short, fails=False),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in LIST}

SPELLINGS = {
    "ceiling": "ceil",
    "nvl": "ifnull",
    "len": "length",
    "char_length": "length",
    "instr": "strpos",
    "suffix": "ends_with",
    "prefix": "starts_with",
    "datediff": "date_diff",
    "datepart": "date_part",
    "datetrunc": "date_trunc",
    "from_hex": "unhex",
    "from_unixtime": "to_timestamp",
    "base64": "to_base64",
}
"""Other names of functions of the list."""

CHANGING = frozenset(
    [
        "current_date",
        "current_time",
        "current_timestamp",
        "current_localtime",
        "current_localtimestamp",
        "localtime",
        "localtimestamp",
        "now",
        "today",
        "transaction_timestamp",
        "get_current_time",
        "get_current_timestamp",
        "random",
        "rand",
        "setseed",
        "uuid",
        "gen_random_uuid",
        "uuidv4",
        "uuidv7",
        "nextval",
        "currval",
        "txid_current",
        "age",
        "current_user",
        "session_user",
        "user",
        "pg_backend_pid",
        "rowid",
    ]
)
"""What gives another value another time: refused with that reason."""

PARTS = frozenset(
    [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "dow",
        "isodow",
        "doy",
        "hour",
        "minute",
        "second",
        "millisecond",
        "microsecond",
        "epoch",
        "decade",
        "century",
        "millennium",
        "isoyear",
        "yearweek",
    ]
)
"""The parts of a date that date_part, date_trunc and date_diff know."""
