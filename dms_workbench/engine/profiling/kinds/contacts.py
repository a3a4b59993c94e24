"""E-mail addresses, telephone numbers, web addresses and network addresses."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from dataclasses import dataclass

from .base import ENOUGH, Reading, Values, Verdict, named, share_of
from .texts import tidy

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+"
EMAIL = re.compile(
    rf"{ATOM}(?:\.{ATOM})*@(?:[A-Za-z0-9\u0080-\uffff](?:[A-Za-z0-9\u0080-\uffff-]{{0,61}}[A-Za-z0-9\u0080-\uffff])?\.)+[A-Za-z\u0080-\uffff][A-Za-z0-9\u0080-\uffff-]{{1,62}}"
)
URL = re.compile(r"(?:https?|ftp)://[^\s/$.?#][^\s]*", re.IGNORECASE)
WWW = re.compile(r"www\.[a-z0-9-]+\.[a-z]{2,}[^\s]*", re.IGNORECASE)
PHONE_LOOSE = re.compile(r"\+?\(?[0-9][-0-9 ()./\u00a0]{4,22}[0-9](?:\s*(?:x|ext\.?)\s*\d{1,6})?")
E164 = re.compile(r"\+[1-9]\d{6,14}")
EMAIL_LIMIT = 254


@dataclass(frozen=True, slots=True)
class EmailReading:
    """Addresses of mail (RFC 5321's mailbox without quotes and comments)."""

    lower: bool
    share: float
    kind: str = "email"
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """Malformed, or written with capitals or white space where the others are not."""
        stripped = tidy(value)
        if EMAIL.fullmatch(stripped) is None or len(stripped) > EMAIL_LIMIT or ".." in stripped:
            return Verdict("malformed", "error", "not an e-mail address")
        wanted = stripped.lower() if self.lower else stripped
        if wanted != value:
            return Verdict("written-otherwise", "warning", "an e-mail address written otherwise than the rest", wanted)
        return None


def read_email(_name: str, values: Values) -> Reading | None:
    """Addresses of mail."""
    share = share_of(values, lambda value: EMAIL.fullmatch(value) is not None)
    if share < ENOUGH:
        return None
    return EmailReading(share_of(values, lambda value: value == value.lower()) >= 0.9, share)


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """Telephone numbers, written as most of the column are."""

    international: bool
    """Most are as E.164 has them: ``+49301234567``."""
    lengths: tuple[int, int]
    """Digits that the numbers of the column have, least and most."""
    share: float
    codes: frozenset[str] = frozenset()
    """First two digits after the plus sign that the column has."""
    kind: str = "phone"
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """Malformed, or written otherwise than most."""
        stripped = tidy(value)
        digits = re.sub(r"\D", "", stripped)
        if self.international:
            return self.judge_international(value, stripped, digits)
        if PHONE_LOOSE.fullmatch(stripped) is None or not self.lengths[0] - 2 <= len(digits) <= self.lengths[1] + 3:
            return Verdict("malformed", "error", "not a telephone number")
        return None

    def judge_international(self, value: str, stripped: str, digits: str) -> Verdict | None:
        """In a column of international numbers."""
        if E164.fullmatch(value):
            if len(digits) < self.lengths[0] - 2 or len(set(digits[2:])) == 1:
                return Verdict("malformed", "error", "too few digits for a telephone number")
            return None
        clean = re.sub(r"(?:\(0\))|[\s().\-/\u00a0]", "", stripped)
        if clean.startswith("00"):
            clean = f"+{clean[2:]}"
        elif clean.isdigit() and clean[:2] in self.codes and self.lengths[0] <= len(clean) <= self.lengths[1]:
            clean = f"+{clean}"
        if (
            E164.fullmatch(clean)
            and PHONE_LOOSE.fullmatch(stripped.replace("(+", "+("))
            and len(digits) >= self.lengths[0] - 2
        ):
            return Verdict("written-otherwise", "warning", "a telephone number written otherwise than the rest", clean)
        return Verdict("malformed", "error", "not a telephone number")


def read_phone(name: str, values: Values) -> Reading | None:
    """Telephone numbers: most as E.164 has them, or the column says so by its name."""
    international = share_of(values, lambda value: E164.fullmatch(value) is not None)
    loose = share_of(values, lambda value: PHONE_LOOSE.fullmatch(value) is not None)
    says_so = named(
        name, ("phone", "tel", "telephone", "telefon", "mobile", "mobil", "fax", "fon", "handy", "telefono", "cell")
    )
    if not (international >= 0.6 or (says_so and loose >= ENOUGH)):
        return None
    lengths = Counter(len(re.sub(r"\D", "", value)) for value in values if PHONE_LOOSE.fullmatch(value))
    usual = [length for length, times in lengths.items() if times >= 0.02 * sum(lengths.values())]
    begun = Counter(value[1:3] for value in values if E164.fullmatch(value))
    codes = frozenset(code for code, times in begun.items() if times >= max(2, 0.005 * len(values)))
    return PhoneReading(international >= 0.6, (min(usual), max(usual)), max(international, loose), codes)


@dataclass(frozen=True, slots=True)
class TestedReading:
    """Values that a test of their kind accepts."""

    kind: str
    share: float
    severity: str = "warning"
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """Not of the kind, or of it after white space is gone."""
        if is_of(self.kind, value):
            return None
        stripped = tidy(value)
        if is_of(self.kind, stripped):
            return Verdict("written-otherwise", "warning", f"{WORDS[self.kind]} written otherwise", stripped)
        return Verdict("malformed", "error" if self.severity == "error" else "warning", f"not {WORDS[self.kind]}")


WORDS = {"url": "a web address", "ip": "an IP address", "mac": "a MAC address"}
MAC = re.compile(r"[0-9A-Fa-f]{2}([:-]?)(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}")


def is_of(kind: str, value: str) -> bool:
    """Is a value of a kind?"""
    if kind == "url":
        return URL.fullmatch(value) is not None or WWW.fullmatch(value) is not None
    if kind == "mac":
        return MAC.fullmatch(value) is not None and not value.isdigit()
    try:
        ipaddress.ip_interface(value) if "/" in value else ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def read_addresses(_name: str, values: Values) -> Reading | None:
    """Web, network and card addresses."""
    for kind in WORDS:
        share = share_of(values, lambda value, kind=kind: is_of(kind, value))  # type: ignore[misc]
        if share >= ENOUGH:
            return TestedReading(kind, share)
    return None
