"""Days and moments written as text or as seconds: which form most of a column has, and what the others mean."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from .base import ENOUGH, Reading, Values, Verdict, named, share_of
from .texts import stands_for_nothing, tidy

Moment = datetime.datetime
MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar janvier janv enero ene gennaio gen", "feb february februar février fevrier febrero febbraio fév",
            "mar march märz maerz mars marzo mär mrz", "apr april avril abril aprile avr abr", "may mai mayo maggio mag",
            "jun june juni juin junio giugno giu", "jul july juli juillet julio luglio juil lug",
            "aug august août aout agosto ago", "sep sept september septembre septiembre settembre set",
            "oct october oktober octobre octubre ottobre okt ott", "nov november novembre noviembre",
            "dec december dezember décembre decembre diciembre dicembre dez dic déc",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
CLOCK = r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,9})?)?(?P<zone> ?(?:Z|[+-]\d{2}(?::?\d{2})?))?)?"
YEAR, MONTH, DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a day, with or without the time of day."""

    name: str
    pattern: re.Pattern[str]
    write: Callable[[Moment], str]
    ambiguous: bool = False
    """Day and month could be the other way round."""


def form(name: str, pattern: str, write: str, *, ambiguous: bool = False) -> Form:
    """A form by its parts."""
    return Form(name, re.compile(pattern + CLOCK, re.IGNORECASE), lambda moment: moment.strftime(write), ambiguous)


FORMS = (
    form("%Y-%m-%d", rf"{YEAR}-{MONTH}-{DAY}", "%Y-%m-%d"),
    form("%d.%m.%Y", rf"{DAY}\.{MONTH}\.{YEAR}", "%d.%m.%Y"),
    form("%d/%m/%Y", rf"{DAY}/{MONTH}/{YEAR}", "%d/%m/%Y", ambiguous=True),
    form("%m/%d/%Y", rf"{MONTH}/{DAY}/{YEAR}", "%m/%d/%Y", ambiguous=True),
    form("%Y/%m/%d", rf"{YEAR}/{MONTH}/{DAY}", "%Y/%m/%d"),
    form("%d-%m-%Y", rf"{DAY}-{MONTH}-{YEAR}", "%d-%m-%Y", ambiguous=True),
    form("%m-%d-%Y", rf"{MONTH}-{DAY}-{YEAR}", "%m-%d-%Y", ambiguous=True),
    form("%Y%m%d", r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", "%Y%m%d"),
    form("%d %b %Y", rf"{DAY}[ .-]+(?P<word>[^\W\d_]{{3,10}})\.?[ ,-]+{YEAR}", "%d %b %Y"),
    form("%b %d, %Y", rf"(?P<word>[^\W\d_]{{3,10}})\.? +{DAY}(?:st|nd|rd|th)?,? +{YEAR}", "%b %d, %Y"),
    form("%d.%m.%y", r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<short>\d{2})", "%d.%m.%y"),
    form("%d/%m/%y", r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<short>\d{2})", "%d/%m/%y", ambiguous=True),
    form("%m/%d/%y", r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<short>\d{2})", "%m/%d/%y", ambiguous=True),
)
BY_NAME = {each.name: each for each in FORMS}
EPOCH = re.compile(r"-?\d{8,13}")
EPOCH_LEAST, EPOCH_MOST = -2_300_000_000, 4_200_000_000
CENTURY = 100
NAMES = (
    "date", "time", "timestamp", "datetime", "day", "at", "on", "birthday", "dob", "datum", "zeit", "created", "updated",
    "modified", "birthdate", "geburtsdatum", "fecha", "data", "jour",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text read as a moment."""

    moment: Moment
    with_time: bool
    separator: str = " "


def parse(text: str, each: Form) -> Parsed | None:
    """The moment that a text means in a form; None where it is none, or no day of the calendar."""
    found = each.pattern.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    year = int(part["year"]) if part.get("year") else century(int(part["short"]))
    month = MONTHS.get(part["word"].lower()) if part.get("word") else int(part["month"])
    if month is None:
        return None
    try:
        moment = Moment(
            year, month, int(part["day"]), int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0)
        )
    except ValueError:
        return None
    return Parsed(moment, part["hour"] is not None, "T" if "T" in text[8:12] else " ")


def century(short: int) -> int:
    """The year that two digits mean, as POSIX says: 69 to 99 are of the twentieth century."""
    return short + (1900 if short >= 69 else 2000)


def looks_like_a_day(digits: str) -> bool:
    """Are these eight digits the year, month and day of our times, be it a day of the calendar or not?"""
    return re.fullmatch(r"(?:19|20)\d{6}", digits) is not None


@dataclass(frozen=True, slots=True)
class DateReading:
    """Days or moments, most of them in one form."""

    form: Form
    with_time: bool
    separator: str
    share: float
    kind: str = "date"
    padded: bool = True

    @property
    def detail(self) -> str:
        """The form as `time.strftime` names it."""
        return self.form.name + (f"{self.separator}%H:%M:%S" if self.with_time else "")

    def judge(self, value: str) -> Verdict | None:
        """Of the calendar and in the form of most, or what it is instead."""
        parsed = parse(value, self.form)
        if parsed is not None:
            return self.judge_form(value, parsed)
        stripped = tidy(value)
        if stripped != value and parse(stripped, self.form) is not None:
            return Verdict("written-otherwise", "warning", "a date with white space", stripped)
        if stands_for_nothing(stripped):
            return Verdict("impossible", "error", "a word for a missing date")
        if self.form.pattern.fullmatch(stripped):
            return Verdict("impossible", "error", "no day of the calendar")
        return self.judge_other(stripped)

    def judge_form(self, value: str, parsed: Parsed) -> Verdict | None:
        """A value in the form of most."""
        if parsed.with_time and not self.with_time and parsed.moment.time() != datetime.time():
            return Verdict("written-otherwise", "warning", "a date with a time of day", self.write(parsed))
        if parsed.with_time != self.with_time:
            return Verdict("written-otherwise", "warning", "a date written otherwise than the rest", self.write(parsed))
        if self.padded and self.form.name == "%Y-%m-%d" and len(value) < len("2000-01-01"):
            return Verdict("written-otherwise", "warning", "a date written otherwise than the rest", self.write(parsed))
        return None

    def judge_other(self, value: str) -> Verdict:
        """A value in another form."""
        found = [(each, parsed) for each in FORMS if (parsed := parse(value, each)) is not None]
        days = {parsed.moment for _, parsed in found}
        if len(days) > 1:
            return Verdict("ambiguous", "error", "day and month could be the other way round")
        if len(days) == 1:
            return Verdict(
                "written-otherwise", "warning", "a date written otherwise than the rest", self.write(found[0][1])
            )
        if EPOCH.fullmatch(value) and not looks_like_a_day(value):
            moment = epoch_moment(int(value))
            if moment is not None:
                repaired = self.write(Parsed(moment, with_time=True))
                return Verdict("written-otherwise", "warning", "seconds since 1970 instead of a date", repaired)
        return Verdict("impossible", "error", "not a date")

    def write(self, parsed: Parsed) -> str:
        """A moment in the form of most."""
        day = self.form.write(parsed.moment)
        return f"{day}{self.separator}{parsed.moment:%H:%M:%S}" if self.with_time else day


def epoch_moment(number: int) -> Moment | None:
    """The moment of so many seconds, or milliseconds, since 1970; None where that is no moment people write down."""
    seconds = number / 1000 if abs(number) > EPOCH_MOST else float(number)
    if not EPOCH_LEAST <= seconds <= EPOCH_MOST:
        return None
    return Moment(1970, 1, 1) + datetime.timedelta(seconds=seconds)


def read_date(name: str, values: Values) -> Reading | None:
    """Days or moments as text."""
    best: tuple[float, Form] | None = None
    for each in FORMS:
        if each.name == "%Y%m%d" and not named(name, NAMES):
            continue
        share = share_of(values, lambda value, each=each: parse(value, each) is not None)  # type: ignore[misc]
        if best is None or share > best[0]:
            best = (share, each)
    if best is None or best[0] < ENOUGH:
        return None
    share, each = best
    parsed = [one for value in values if (one := parse(value, each)) is not None]
    timed = [one for one in parsed if one.with_time]
    with_time = len(timed) * 2 > len(parsed)
    separator = "T" if timed and sum(one.separator == "T" for one in timed) * 2 > len(timed) else " "
    return DateReading(each, with_time, separator, share)


@dataclass(frozen=True, slots=True)
class EpochReading:
    """Seconds or milliseconds since 1970."""

    share: float
    detail: str
    kind: str = "unix-time"

    def judge(self, value: str) -> Verdict | None:
        """A whole number of seconds."""
        if EPOCH.fullmatch(value) or value == "0":
            return None
        return Verdict("malformed", "warning", "not a number of seconds since 1970")


def read_epoch(name: str, values: Values) -> Reading | None:
    """Seconds since 1970: by their size, in a column that is called after a time."""
    if not named(name, NAMES) and not named(
        name, ("epoch", "ts", "unix", "stamp", "seen", "login", "posted", "expires")
    ):
        return None

    def recent(value: str) -> bool:
        return EPOCH.fullmatch(value) is not None and (
            300_000_000 < int(value) < EPOCH_MOST or 300_000_000_000 < int(value) < EPOCH_MOST * 1000
        )

    share = share_of(values, recent)
    if share < ENOUGH:
        return None
    longest = max(len(value) for value in values if recent(value))
    return EpochReading(share, "milliseconds" if longest > 10 else "seconds")
