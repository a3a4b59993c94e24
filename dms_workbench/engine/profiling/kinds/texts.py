"""What can be wrong with any text, whatever it means: encodings, invisible characters, white space, words for nothing."""

from __future__ import annotations

import html
import re
import unicodedata

from ..wordlists import words
from .base import Verdict

REPLACEMENT = "\ufffd"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
BLANKS = " \t\r\n\u00a0\u202f\u2007" + INVISIBLE
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
FORMULA = re.compile(r"[=@][A-Za-z(]|[+][0-9A-Za-z(.]+[-+*/(!]|-[A-Za-z(]+[(!]|-[0-9]+[-+*/][0-9]|[=+@-].*\|.*!")
MOJIBAKE_SIGNS = re.compile(
    "[\u00c2\u00c3\u00c4\u00c5\u00e2\u00d0\u00d1\u00cc\u00ce\u00cf\u0178\u20ac][\u0080-\u00bf\u2013-\u203a\u20ac\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2122]"
)


def judge_text(value: str) -> Verdict | None:
    """The gravest thing that is wrong with a text as a text; None if nothing is. Values are never empty."""
    for test in (undecodable, garbled, lost, control, entities, decomposed, invisible, edges):
        verdict = test(value)
        if verdict is not None:
            return verdict
    return None


def undecodable(value: str) -> Verdict | None:
    """Bytes that are not UTF-8, read as lone surrogates: most often Windows' western code page."""
    if not any("\udc80" <= letter <= "\udcff" for letter in value):
        return None
    raw = value.encode("utf-8", "surrogateescape")
    try:
        repaired = raw.decode("cp1252")
    except UnicodeDecodeError:
        repaired = raw.decode("latin-1")
    return Verdict("invalid-utf8", "error", "bytes that are not UTF-8", repaired)


def garbled(value: str) -> Verdict | None:
    """UTF-8 that was read in another code page (the library ftfy finds out in which)."""
    if not MOJIBAKE_SIGNS.search(value):
        return None
    import ftfy

    repaired = ftfy.fix_encoding(value)
    if repaired == value:
        return None
    return Verdict("mojibake", "error", "UTF-8 that was read in another encoding", repaired)


def lost(value: str) -> Verdict | None:
    """Characters that were replaced because they could not be read."""
    if REPLACEMENT not in value:
        return None
    return Verdict("replacement-character", "error", "a character that was lost when the text was read (U+FFFD)")


def control(value: str) -> Verdict | None:
    """Characters that no text holds."""
    if not CONTROL.search(value):
        return None
    return Verdict("control-characters", "error", "control characters", CONTROL.sub("", value))


def entities(value: str) -> Verdict | None:
    """HTML's names of characters."""
    if "&" not in value or not ENTITY.search(value):
        return None
    repaired = " ".join(html.unescape(value).replace("\u00a0", " ").split(" "))
    if repaired == value:
        return None
    return Verdict("html-entities", "warning", "HTML entities", repaired)


def decomposed(value: str) -> Verdict | None:
    """Letters and accents apart (not in Unicode's form NFC)."""
    if value.isascii():
        return None
    repaired = unicodedata.normalize("NFC", value)
    if repaired == value:
        return None
    return Verdict("not-nfc", "warning", "letters and accents apart (not in Unicode's form NFC)", repaired)


def invisible(value: str) -> Verdict | None:
    """Characters without width, and blanks that do not break."""
    if value.isascii() or not any(letter in INVISIBLE or letter == "\u00a0" for letter in value):
        return None
    repaired = "".join(letter for letter in value.replace("\u00a0", " ") if letter not in INVISIBLE).strip(BLANKS)
    return Verdict("invisible-characters", "warning", "invisible characters", repaired)


def edges(value: str) -> Verdict | None:
    """White space at an end."""
    repaired = value.strip(BLANKS)
    if repaired == value:
        return None
    return Verdict("white-space", "warning", "white space at an end", repaired)


def inner_blanks(value: str) -> Verdict | None:
    """Several blanks in a row within a text: for names and places, not for prose."""
    repaired = re.sub(r"[ \t]{2,}", " ", value)
    if repaired == value:
        return None
    return Verdict("white-space", "warning", "several blanks in a row", repaired)


def stands_for_nothing(value: str) -> bool:
    """Is it a word for a missing value?"""
    return value.strip(BLANKS).lower() in words("nothing")


def missing_word(value: str) -> Verdict | None:
    """A word for a missing value."""
    if not stands_for_nothing(value):
        return None
    return Verdict("missing-word", "error", "a word that stands for a missing value")


def could_be_formula(value: str) -> bool:
    """Would a spreadsheet take it for a formula?"""
    return value[0] in "=+-@" and FORMULA.match(value) is not None


def is_test_word(value: str) -> bool:
    """Is it a word that people type to try things out?"""
    return value.strip(BLANKS).lower() in words("test")


def tidy(value: str) -> str:
    """The text as it should be, after all repairs that lose nothing."""
    for _ in range(4):
        verdict = judge_text(value)
        if verdict is None or verdict.repaired is None:
            return value
        value = verdict.repaired
    return value
