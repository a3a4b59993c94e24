"""Personal data: which columns hold it, by what their values are and how they and their tables are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .kinds.base import Reading, named, words_of
from .kinds.checksums import PERSONAL as BY_CHECKSUM
from .model import Personal

BY_KIND: Mapping[str, str] = {"email": "email", "phone": "phone", "ip": "ip_address", "mac": "device", **BY_CHECKSUM}
PERSON_TABLES = frozenset(
    "customer client person people user member employee contact patient student teacher subscriber guest passenger lead account buyer "
    "seller author owner tenant staff worker applicant candidate donor holder recipient kunde mitarbeiter benutzer nutzer person "
    "mitglied patient client utilisateur salarie cliente empleado usuario cliente utente dipendente visitor driver agent attendee".split()
)
"""Words, in the singular, that tell that rows of a table are persons."""
BY_NAME: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("email", ("email", "mail", "emailaddress", "courriel", "correo"), 0.9),
    ("phone", ("phone", "telephone", "mobile", "fax", "telefon", "handy", "tel", "telefono", "cellphone", "msisdn"), 0.9),
    ("given_name", ("firstname", "givenname", "forename", "vorname", "prenom", "nombre", "fname", "middlename", "initials"), 0.95),
    ("family_name", ("lastname", "surname", "familyname", "nachname", "apellido", "lname", "maidenname", "cognome"), 0.95),
    ("full_name", ("fullname", "displayname", "realname", "contactname", "customername", "personname", "holdername", "cardholder"), 0.9),
    ("birth_date", ("birthdate", "birthday", "dob", "dateofbirth", "geburtsdatum", "birth", "geboren", "naissance", "nacimiento"), 0.95),
    ("street_address", ("street", "address", "strasse", "stra\u00dfe", "addressline", "adresse", "rue", "calle", "direccion", "via"), 0.9),
    ("postal_code", ("postal", "postcode", "zip", "zipcode", "plz", "postleitzahl", "postalcode"), 0.85),
    ("city", ("city", "town", "ort", "stadt", "ville", "ciudad", "citta"), 0.8),
    ("national_id", ("ssn", "nationalid", "passport", "socialsecurity", "personalausweis", "taxid", "driverlicense", "licenseno", "steuerid", "idcard",
                     "insuranceno", "svnr", "nino", "dni", "nif", "pesel", "personnummer", "cpf"), 0.9),
    ("iban", ("iban", "bankaccount", "accountnumber", "kontonummer"), 0.9),
    ("payment_card", ("cardnumber", "creditcard", "cardno", "pan", "ccnumber"), 0.9),
    ("ip_address", ("ip", "ipaddress", "ipaddr", "remoteaddr", "clientip"), 0.9),
    ("location", ("lat", "lon", "lng", "latitude", "longitude", "geolocation", "geo", "coordinates", "gps"), 0.85),
    ("gender", ("gender", "sex", "geschlecht", "sexe", "sexo"), 0.9),
    ("health", ("diagnosis", "bloodtype", "allergies", "disability", "medication", "diagnose"), 0.85),
    ("belief", ("religion", "ethnicity", "race", "konfession"), 0.9),
    ("credential", ("password", "passwd", "pwd", "passwort", "pin", "secret", "token", "apikey"), 0.85),
    ("username", ("username", "login", "userid", "nickname", "loginname"), 0.7),
    ("salary", ("salary", "wage", "income", "gehalt", "lohn", "salaire", "sueldo"), 0.8),
)  # fmt: skip
NOT_PERSONAL = frozenset("product item article category file column table event project company brand model host domain page city country".split())
FREE_TEXT = ("notes", "note", "comment", "comments", "remarks", "remark", "bemerkung", "message", "description", "freetext", "memo", "feedback", "notizen")
PLACES = frozenset(("city", "postal_code", "street_address"))
ENDINGS = ("code", "id", "type", "status", "count", "flag", "length", "format", "verified", "sent", "at", "hash")


def personal_of(table: str, column: str, kind: str, reading: Reading | None, others: Sequence[str]) -> Personal | None:
    """What personal data a column holds; None for none.

    kind: the common type. reading: how its values are read. others: names of the table's columns.
    """
    if reading is not None and reading.kind in BY_KIND:
        return Personal(BY_KIND[reading.kind], round(reading.share, 2), f"its values are of the kind {reading.kind}")
    persons = is_of_persons(table, others)
    if reading is not None and reading.kind in ("boolean", "uuid", "json", "unix-time", "ean", "isbn", "issn"):
        return None
    for found, words, confidence in BY_NAME:
        if not named_as(column, words):
            continue
        if found in PLACES and not persons:
            continue
        if not fits(found, kind, reading):
            continue
        return Personal(found, confidence if persons else confidence - 0.15, "its name says so")
    if persons and kind == "text" and named(column, ("name",)) and not words_of(table) & NOT_PERSONAL:
        return Personal("full_name", 0.7, "a name in a table of persons")
    if persons and kind == "text" and reading is None and named_as(column, FREE_TEXT):
        return Personal("free_text_with_embedded_pii", 0.6, "free text about persons")
    return None


def named_as(column: str, words: Sequence[str]) -> bool:
    """Is a column called so, in one word or several, with or without the table's name before?"""
    mine = ordered_words(column)
    if mine and mine[-1] in ENDINGS and not set(mine) & {"postal", "zip"} and "".join(mine[-2:]) not in words:
        mine_without = mine[:-1]
        return "".join(mine) in words or (len(mine_without) == 0 and mine[-1] in words)
    joined = {"".join(mine[start:end]) for start in range(len(mine)) for end in range(start + 1, len(mine) + 1)}
    return bool(joined & set(words))


def ordered_words(name: str) -> list[str]:
    """The words of a name in their order, in lower case."""
    import re

    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9\u00c0-\u024f]+", " ", name).lower().split()


def is_of_persons(table: str, columns: Sequence[str]) -> bool:
    """Are the rows of a table persons? By its name, or by columns that only persons have."""
    words = {form for word in words_of(table.rpartition(".")[2]) for form in (word, word.removesuffix("s"), word.removesuffix("en"), word.removesuffix("n"))}
    if words & PERSON_TABLES:
        return True
    sure = [found for found, names, _ in BY_NAME[:8] if any(named_as(column, names) for column in columns)]
    return len(set(sure) - PLACES) >= 2  # noqa: PLR2004


def fits(found: str, kind: str, reading: Reading | None) -> bool:
    """Can a column of this type hold such data?"""
    read = reading.kind if reading is not None else ""
    if found == "birth_date":
        return kind in ("date", "timestamp", "timestamptz") or read in ("date", "unix-time")
    if found in ("location", "salary"):
        return kind in ("float", "decimal", "integer") or read == "number"
    if found in ("given_name", "family_name", "full_name", "street_address", "city"):
        return kind == "text" and read in ("", "category")
    if kind in ("boolean", "date", "timestamp", "timestamptz", "time"):
        return False
    return True
