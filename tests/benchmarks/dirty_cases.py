"""Databases with planted defects of our own: a German hospital and an American library, clean and dirty, with the truth.

``python -m tests.benchmarks.dirty_cases FOLDER [SEED]`` writes ``FOLDER/hospital`` and ``FOLDER/library``, each with
``dirty.sqlite``, ``dirty/*.csv``, ``clean/*.csv`` and
``truth.json``. Nothing in it is taken from the world: names are of a short list, all else is drawn.
"""

from __future__ import annotations

import datetime
import json
import random
import sys
import uuid
from pathlib import Path

from tests.benchmarks.dirty_case import Case, Row

GIVEN = (
    "Anke",
    "Bernd",
    "Claudia",
    "Dieter",
    "Elke",
    "Frank",
    "Gerda",
    "Heiko",
    "Jörg",
    "Käthe",
    "Lukas",
    "Miriam",
    "Noël",
    "Olga",
    "Zoë",
)
FAMILY = (
    "Albrecht",
    "Böhm",
    "Christiansen",
    "Dörfler",
    "Engelhardt",
    "Fuß",
    "Grünwald",
    "Hübner",
    "Jäger",
    "Kühn",
    "Lange",
    "Öztürk",
)
CITIES = (
    ("01067", "Dresden"),
    ("04109", "Leipzig"),
    ("20095", "Hamburg"),
    ("50667", "Köln"),
    ("80331", "München"),
    ("07743", "Jena"),
)


def comma(number: float) -> str:
    """A number of two digits after the comma."""
    return f"{number:.2f}".replace(".", ",")


def number(text: str) -> float:
    """The other way."""
    return float(text.replace(",", "."))


def hospital(seed: int) -> Case:
    """Days as 31.12.2024, numbers with a comma, J and N; bills whose items add up."""
    case = Case(seed)
    draw = case.chance
    patients, stays, bills, items = [], [], [], []
    for each in range(1, 701):
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        plz, ort = draw.choice(CITIES)
        born = datetime.date(1930, 1, 1) + datetime.timedelta(days=draw.randrange(30_000))
        patients.append(
            {
                "patient_nr": str(4000 + each),
                "vorname": given,
                "nachname": family,
                "geburtsdatum": f"{born:%d.%m.%Y}",
                "geschlecht": draw.choice("mwd"),
                "telefon": f"+4930{draw.randrange(1_000_000, 9_999_999)}",
                "email": f"{given}.{family}{each}@klinik.example".lower(),
                "plz": plz,
                "ort": ort,
                "gewicht_kg": comma(draw.uniform(45, 120)),
                "privat": draw.choice("JN"),
            }
        )
    for each in range(1, 1501):
        came = datetime.date(2022, 1, 3) + datetime.timedelta(days=draw.randrange(900))
        left = came + datetime.timedelta(days=draw.randrange(1, 25))
        stays.append(
            {
                "aufenthalt_nr": str(70_000 + each),
                "patient_nr": draw.choice(patients)["patient_nr"],
                "station": draw.choice(("Chirurgie", "Innere", "Kardiologie", "Urologie")),
                "aufnahme": f"{came:%d.%m.%Y}",
                "entlassung": f"{left:%d.%m.%Y}",
                "temperatur": comma(draw.uniform(36, 40)),
            }
        )
        amounts = []
        for position in range(1, draw.randrange(2, 6)):
            count, price = draw.randrange(1, 30), round(draw.uniform(3, 400), 2)
            amounts.append(round(count * price, 2))
            items.append(
                {
                    "rechnung_nr": f"R{each:05}",
                    "pos": str(position),
                    "leistung": f"GOÄ {draw.randrange(1, 300)}",
                    "menge": str(count),
                    "einzelpreis": comma(price),
                    "betrag": comma(amounts[-1]),
                }
            )
        net = round(sum(amounts), 2)
        tax = round(net * 0.19 + 1e-9, 2)
        bills.append(
            {
                "rechnung_nr": f"R{each:05}",
                "aufenthalt_nr": str(70_000 + each),
                "positionen": str(len(amounts)),
                "netto": comma(net),
                "ust": comma(tax),
                "brutto": comma(net + tax),
            }
        )
    case.table("patienten", ["patient_nr"], patients)
    case.table("aufenthalte", ["aufenthalt_nr"], stays)
    case.table("rechnungen", ["rechnung_nr"], bills)
    case.table("positionen", ["rechnung_nr", "pos"], items)
    case.personal = {
        "patienten": dict.fromkeys(
            ("vorname", "nachname", "geburtsdatum", "geschlecht", "telefon", "email", "plz", "ort"), "person"
        )
    }
    spoil_hospital(case)
    return case


def spoil_hospital(case: Case) -> None:
    """What goes wrong in hospitals."""

    def swapped(text: str) -> str:
        return "-".join(reversed(text.split(".")))

    case.spoil("patienten", "geburtsdatum", "date_iso", "format", lambda row: swapped(row["geburtsdatum"]))
    case.spoil("patienten", "geburtsdatum", "date_impossible", "lookup", lambda row: "31.02." + row["geburtsdatum"][6:])
    case.spoil("patienten", "geburtsdatum", "date_too_old", "lookup", lambda row: row["geburtsdatum"][:6] + "1812")
    case.spoil(
        "patienten", "plz", "leading_zero", "repairable", lambda row: row["plz"][1:] if row["plz"][0] == "0" else None
    )
    case.spoil("patienten", "email", "email", "lookup", lambda row: row["email"].replace("@", " at "))
    case.spoil(
        "patienten",
        "telefon",
        "phone",
        "format",
        lambda row: f"{row['telefon'][:3]} {row['telefon'][3:5]} {row['telefon'][5:]}",
    )
    case.spoil(
        "patienten",
        "nachname",
        "mojibake",
        "repairable",
        lambda row: row["nachname"].encode().decode("cp1252") if not row["nachname"].isascii() else None,
    )
    case.spoil("patienten", "vorname", "white_space", "format", lambda row: row["vorname"] + " ")
    case.spoil("patienten", "privat", "flag", "format", lambda row: {"J": "ja", "N": "nein"}[row["privat"]])
    case.spoil("patienten", "gewicht_kg", "decimal_point", "format", lambda row: row["gewicht_kg"].replace(",", "."))
    case.spoil("patienten", "gewicht_kg", "unit_in_number", "format", lambda row: row["gewicht_kg"] + " kg")
    case.spoil("patienten", "gewicht_kg", "grams", "repairable", lambda row: comma(number(row["gewicht_kg"]) * 1000))
    case.spoil(
        "patienten",
        "ort",
        "typo",
        "repairable",
        lambda row: row["ort"][:3] + row["ort"][4:] if len(row["ort"]) > 5 else None,
    )
    case.spoil("aufenthalte", "entlassung", "end_before_start", "lookup", lambda row: row["aufnahme"][:6] + "2019")
    case.spoil("aufenthalte", "patient_nr", "orphan", "reject", lambda row: "99" + row["patient_nr"])
    case.spoil("aufenthalte", "station", "case", "repairable", lambda row: row["station"].upper())
    case.spoil("aufenthalte", "station", "missing_word", "lookup", lambda _row: "k.A.")
    case.spoil(
        "aufenthalte", "temperatur", "magnitude", "repairable", lambda row: comma(number(row["temperatur"]) * 100)
    )
    case.spoil("rechnungen", "netto", "net_wrong", "repairable", lambda row: comma(number(row["netto"]) + 17.3))
    case.spoil("rechnungen", "ust", "tax_wrong", "repairable", lambda row: comma(number(row["ust"]) + 3.21))
    case.spoil("rechnungen", "brutto", "gross_wrong", "repairable", lambda row: comma(number(row["brutto"]) - 8.5))
    case.spoil("rechnungen", "positionen", "count_wrong", "repairable", lambda row: str(int(row["positionen"]) + 2))
    case.spoil("positionen", "betrag", "amount_wrong", "repairable", lambda row: comma(number(row["betrag"]) + 4.77))
    case.spoil("positionen", "menge", "negative", "repairable", lambda row: "-" + row["menge"])
    case.repeat("patienten")
    case.repeat("positionen")


def library(seed: int) -> Case:
    """Days as 12/31/2024, telephone numbers with area codes, Y and N, JSON, UUID, ISBN, degrees."""
    case = Case(seed)
    draw = case.chance
    branches = [
        {
            "branch_id": str(each),
            "branch": f"Branch {each}",
            "lat": f"{draw.uniform(30, 45):.5f}",
            "lon": f"{draw.uniform(-120, -75):.5f}",
            "opens": draw.choice(("08:00", "09:00", "10:30")),
            "closes": draw.choice(("17:00", "18:30", "20:00")),
        }
        for each in range(1, 121)
    ]
    books = [
        {
            "isbn": isbn(draw),
            "title": f"A Book of {draw.choice(FAMILY)} No {each}",
            "url": f"https://library.example/books/{each}",
            "pages": str(draw.randrange(60, 900)),
            "list_price": f"{draw.uniform(5, 90):.2f}",
            "weight_oz": str(draw.randrange(5, 60)),
            "attributes": json.dumps({"shelf": each, "cover": draw.choice(("hard", "soft"))}),
        }
        for each in range(1, 501)
    ]
    members: list[Row] = []
    loans: list[Row] = []
    for _ in range(600):
        joined = datetime.date(2015, 1, 1) + datetime.timedelta(days=draw.randrange(2500))
        member = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        count = draw.randrange(1, 7)
        members.append(
            {
                "member_id": member,
                "full_name": f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}",
                "phone": f"({draw.randrange(201, 989)}) {draw.randrange(201, 989)}-{draw.randrange(1000, 9999)}",
                "age": str(draw.randrange(6, 95)),
                "state": draw.choice(("CA", "TX", "NY", "OR", "WA")),
                "zip": f"{draw.randrange(10_000, 99_999)}",
                "joined": f"{joined:%m/%d/%Y}",
                "active": draw.choice("YN"),
                "loan_count": str(count),
            }
        )
        for _ in range(count):
            lent = datetime.datetime(2023, 1, 1, 9) + datetime.timedelta(minutes=draw.randrange(700_000))
            back = lent + datetime.timedelta(days=draw.randrange(1, 30), minutes=draw.randrange(500))
            days, rate = draw.randrange(1, 30), draw.choice((0.25, 0.5, 0.75, 1.1))
            loans.append(
                {
                    "loan_id": str(100_000 + len(loans)),
                    "member_id": member,
                    "isbn": draw.choice(books)["isbn"],
                    "branch_id": draw.choice(branches)["branch_id"],
                    "lent_at": f"{lent:%Y-%m-%d %H:%M:%S}",
                    "returned_at": f"{back:%Y-%m-%d %H:%M:%S}",
                    "days_late": str(days),
                    "daily_fine": f"{rate:.2f}",
                    "fine": f"{days * rate:.2f}",
                }
            )
    case.table("branches", ["branch_id"], branches)
    case.table("books", ["isbn"], books)
    case.table("members", ["member_id"], members)
    case.table("loans", ["loan_id"], loans)
    case.personal = {"members": dict.fromkeys(("full_name", "phone", "zip"), "person")}
    spoil_library(case)
    return case


def spoil_library(case: Case) -> None:
    """What goes wrong in libraries."""
    case.spoil("branches", "lat", "latitude", "lookup", lambda row: f"{float(row['lat']) + 90:.5f}", 2)
    case.spoil("branches", "lon", "longitude", "lookup", lambda row: f"{float(row['lon']) - 180:.5f}", 2)
    case.spoil("branches", "closes", "time", "lookup", lambda _row: "25:61", 2)
    case.spoil("books", "url", "url", "lookup", lambda row: row["url"].replace("://", ":/"))
    case.spoil("books", "attributes", "json", "lookup", lambda row: row["attributes"][:-1])
    case.spoil("books", "list_price", "currency", "format", lambda row: "$" + row["list_price"])
    case.spoil("books", "list_price", "negative", "repairable", lambda row: "-" + row["list_price"], 4)
    case.spoil("books", "pages", "fraction", "lookup", lambda row: row["pages"] + ".5", 4)
    case.spoil("members", "age", "negative_age", "lookup", lambda row: "-" + row["age"])
    case.spoil("members", "age", "old_age", "lookup", lambda row: str(int(row["age"]) + 150))
    case.spoil("members", "phone", "phone", "lookup", lambda row: row["phone"][:6])
    case.spoil("members", "joined", "impossible", "lookup", lambda row: "02/30/" + row["joined"][6:])
    case.spoil("members", "active", "flag", "format", lambda row: {"Y": "yes", "N": "no"}[row["active"]])
    case.spoil("members", "state", "state", "repairable", lambda row: row["state"].lower())
    case.spoil("members", "loan_count", "count_wrong", "repairable", lambda row: str(int(row["loan_count"]) + 3))
    case.spoil(
        "loans", "isbn", "checksum", "lookup", lambda row: row["isbn"][:-1] + str((int(row["isbn"][-1]) + 1) % 10)
    )
    case.spoil("loans", "member_id", "uuid", "lookup", lambda row: row["member_id"][:-3])
    case.spoil("loans", "lent_at", "future", "lookup", lambda row: "2071" + row["lent_at"][4:])
    case.spoil("loans", "returned_at", "end_before_start", "lookup", lambda row: "2021" + row["returned_at"][4:])
    case.spoil("loans", "fine", "product_wrong", "repairable", lambda row: f"{float(row['fine']) + 0.13:.2f}")
    case.spoil("loans", "days_late", "quoted", "format", lambda row: f"'{row['days_late']}'")
    case.repeat("loans")


def isbn(draw: random.Random) -> str:
    """A number of the form of an ISBN with its check digit."""
    digits = "978" + "".join(draw.choice("0123456789") for _ in range(9))
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


CASES = {"hospital": hospital, "library": library}


def main() -> None:
    """Write both into a folder."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name, make in CASES.items():
        make(seed).write(folder / name)


if __name__ == "__main__":
    main()
