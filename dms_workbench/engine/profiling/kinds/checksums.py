"""Numbers with a check digit: accounts, cards, articles, books, companies, vehicles … by the library python-stdnum.

A kind is recognised by its check digits: by chance one value in ten or in ninety-seven would pass, in such a column nearly all do.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from .base import LEAST_VALUES, Reading, Values, Verdict
from .texts import tidy

PASSED = 0.85
LOOKED_AT = 400

KINDS: tuple[tuple[str, str, str], ...] = (
    ("iban", "stdnum.iban", r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"),
    ("isbn", "stdnum.isbn", r"(?:97[89])?\d{9}[\dX]"),
    ("ean", "stdnum.ean", r"\d{8}|\d{12,14}"),
    ("lei", "stdnum.lei", r"[A-Z0-9]{18}\d{2}"),
    ("isin", "stdnum.isin", r"[A-Z]{2}[A-Z0-9]{9}\d"),
    ("imei", "stdnum.imei", r"\d{15}"),
    ("issn", "stdnum.issn", r"\d{7}[\dX]"),
    ("isni", "stdnum.isni", r"\d{15}[\dX]"),
    ("creditor-reference", "stdnum.iso11649", r"RF\d{2}[A-Z0-9]{1,21}"),
    ("container", "stdnum.iso6346", r"[A-Z]{4}\d{7}"),
    ("vat-number", "stdnum.eu.vat", r"[A-Z]{2}[A-Z0-9]{8,12}"),
    ("tax-number-de", "stdnum.de.idnr", r"\d{11}"),
    ("bsn", "stdnum.nl.bsn", r"\d{9}"),
    ("personnummer", "stdnum.se.personnummer", r"\d{6}(?:\d{2})?[-+]?\d{4}"),
    ("fiscal-code", "stdnum.it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"),
    ("dni", "stdnum.es.dni", r"\d{8}[A-Z]"),
    ("nir", "stdnum.fr.nir", r"[12]\d{4}[0-9AB]{2}\d{8}"),
    ("siren", "stdnum.fr.siren", r"\d{9}"),
    ("siret", "stdnum.fr.siret", r"\d{14}"),
    ("pesel", "stdnum.pl.pesel", r"\d{11}"),
    ("nip", "stdnum.pl.nip", r"\d{10}"),
    ("cpf", "stdnum.br.cpf", r"\d{11}"),
    ("cnpj", "stdnum.br.cnpj", r"\d{14}"),
    ("nhs", "stdnum.gb.nhs", r"\d{10}"),
    ("hetu", "stdnum.fi.hetu", r"\d{6}[-+A-Y]\d{3}[0-9A-Y]"),
    ("ahv", "stdnum.ch.ssn", r"756\d{10}"),
    ("aadhaar", "stdnum.in_.aadhaar", r"\d{12}"),
    ("payment-card", "stdnum.luhn", r"[2-6]\d{12,18}"),
)
"""Name, module and the form of a value without its separators."""
SEPARATORS = re.compile(r"[\s\u00a0.\-/]")
KEEP_HYPHEN = frozenset(("personnummer", "hetu"))
PERSONAL = {
    "iban": "iban", "payment-card": "payment_card", "tax-number-de": "national_id", "bsn": "national_id", "personnummer": "national_id",
    "fiscal-code": "national_id", "dni": "national_id", "nir": "national_id", "pesel": "national_id", "cpf": "national_id",
    "nhs": "national_id", "hetu": "national_id", "ahv": "national_id", "aadhaar": "national_id", "imei": "device",
}  # fmt: skip


@cache
def module(name: str) -> ModuleType:
    """The library's module."""
    return importlib.import_module(name)


def passes(name: str, value: str) -> bool:
    """Are the check digits of a value right? Of accounts only these (ISO 7064, MOD 97-10): the form differs by country and time."""
    if name == "stdnum.iban":
        return int("".join(str(int(letter, 36)) for letter in value[4:] + value[:4])) % 97 == 1
    return bool(module(name).is_valid(value))


@dataclass(frozen=True, slots=True)
class ChecksumReading:
    """Numbers with check digits."""

    kind: str
    module: str
    form: re.Pattern[str]
    grouped: bool
    """Most are written in groups."""
    share: float
    detail: str = ""

    def judge(self, value: str) -> Verdict | None:
        """Right, written otherwise, or wrong."""
        bare = bare_of(self.kind, value)
        if self.form.fullmatch(bare) and passes(self.module, bare):
            if bare != value and not self.grouped:
                return Verdict("written-otherwise", "warning", f"{self.kind} written otherwise than the rest", bare)
            return None
        if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", value):
            return Verdict("scientific", "error", "a number in scientific notation, which has lost digits")
        stripped = bare_of(self.kind, tidy(value).upper())
        if stripped != bare and self.form.fullmatch(stripped) and passes(self.module, stripped):
            return Verdict("written-otherwise", "warning", f"{self.kind} written otherwise than the rest", stripped)
        if self.form.fullmatch(bare):
            return Verdict("checksum", "error", f"the check digits of the {self.kind} are wrong")
        return Verdict("malformed", "error", f"not of the form of a {self.kind}")


def bare_of(kind: str, value: str) -> str:
    """Without separators."""
    return re.sub(r"\s", "", value) if kind in KEEP_HYPHEN else SEPARATORS.sub("", value)


def read_checksum(_name: str, values: Values) -> Reading | None:
    """Numbers with check digits, of the kind that most of a column pass; None where no kind is clear."""
    if len(values) < LEAST_VALUES:
        return None
    looked = list(values)[:LOOKED_AT]
    best: ChecksumReading | None = None
    for kind, name, pattern in KINDS:
        form = re.compile(pattern)
        bare = [bare_of(kind, value) for value in looked]
        if sum(form.fullmatch(value) is not None for value in bare) < PASSED * len(bare):
            continue
        share = sum(form.fullmatch(value) is not None and passes(name, value) for value in bare) / len(bare)
        if share >= PASSED and (best is None or share > best.share):
            grouped = sum(one != other for one, other in zip(bare, looked, strict=True)) * 2 > len(bare)
            best = ChecksumReading(kind, name, form, grouped, share)
    return best


def kinds() -> Iterator[str]:
    """The names of all kinds."""
    yield from (kind for kind, _, _ in KINDS)
