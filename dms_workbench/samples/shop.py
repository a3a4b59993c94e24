"""A web shop's database as it grows in fifteen years: prefixed names, dates as text, Y/N flags, amounts in cents.

Twelve tables and 100,000 rows, of which eleven are bad on purpose and five are pings that nobody wants to keep.
Names, streets and goods are invented word by word from short lists.
"""

from __future__ import annotations

import datetime
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

SEED = 2009
CUSTOMERS, ADDRESSES, SUPPLIERS, PRODUCTS, ORDERS, POSITIONS, PAYMENTS, LOG_LINES = (
    9_000,
    11_000,
    200,
    2_400,
    20_000,
    36_000,
    14_000,
    1_200,
)
TOTAL_ROWS = 100_000
START = datetime.datetime(2009, 3, 1, 8, 0, 0)  # the shop writes local time without a zone
SCHEMA = """
CREATE TABLE tbl_cntry (cntry_cd CHAR(2) NOT NULL PRIMARY KEY, cntry_nm VARCHAR(60) NOT NULL);
CREATE TABLE tbl_cust (cust_id INTEGER PRIMARY KEY, cust_name VARCHAR(120) NOT NULL, cust_eml VARCHAR(120), cust_bday VARCHAR(10),
  cntry_cd CHAR(2) REFERENCES tbl_cntry (cntry_cd), act_yn CHAR(1) NOT NULL, cr_lmt VARCHAR(20), crt_dt CHAR(8) NOT NULL);
CREATE TABLE tbl_addr (addr_id INTEGER PRIMARY KEY, cust_id INTEGER NOT NULL REFERENCES tbl_cust (cust_id), addr_typ CHAR(1) NOT NULL,
  street VARCHAR(80), zip VARCHAR(10), city VARCHAR(60), cntry_cd CHAR(2) REFERENCES tbl_cntry (cntry_cd));
CREATE TABLE tbl_cat (cat_id INTEGER PRIMARY KEY, par_cat_id INTEGER REFERENCES tbl_cat (cat_id), cat_nm VARCHAR(60) NOT NULL);
CREATE TABLE tbl_supp (supp_id INTEGER PRIMARY KEY, supp_nm VARCHAR(80) NOT NULL, cntry_cd CHAR(2) REFERENCES tbl_cntry (cntry_cd),
  tel VARCHAR(30));
CREATE TABLE tbl_prod (prod_id INTEGER PRIMARY KEY, cat_id INTEGER NOT NULL REFERENCES tbl_cat (cat_id),
  supp_id INTEGER REFERENCES tbl_supp (supp_id), prod_nm VARCHAR(100), prc_net DECIMAL(10,2) NOT NULL, wgt_g INTEGER, avail_yn CHAR(1));
CREATE TABLE tbl_wh (wh_cd CHAR(3) NOT NULL PRIMARY KEY, wh_nm VARCHAR(40) NOT NULL);
CREATE TABLE tbl_stock (prod_id INTEGER NOT NULL REFERENCES tbl_prod (prod_id), wh_cd CHAR(3) NOT NULL REFERENCES tbl_wh (wh_cd),
  qty INTEGER NOT NULL, PRIMARY KEY (prod_id, wh_cd));
CREATE TABLE tbl_ord (ord_id INTEGER PRIMARY KEY, cust_id INTEGER NOT NULL REFERENCES tbl_cust (cust_id), ord_dt VARCHAR(19) NOT NULL,
  sts_cd CHAR(1) NOT NULL, ship_addr_id INTEGER REFERENCES tbl_addr (addr_id), rmk VARCHAR(200));
CREATE TABLE tbl_ord_pos (ord_id INTEGER NOT NULL REFERENCES tbl_ord (ord_id), pos_no INTEGER NOT NULL,
  prod_id INTEGER NOT NULL REFERENCES tbl_prod (prod_id), qty INTEGER NOT NULL, prc DECIMAL(10,2) NOT NULL, disc_pct INTEGER,
  PRIMARY KEY (ord_id, pos_no));
CREATE TABLE tbl_pay (pay_id INTEGER PRIMARY KEY, ord_id INTEGER NOT NULL REFERENCES tbl_ord (ord_id), pay_dt VARCHAR(10) NOT NULL,
  amt_ct INTEGER NOT NULL, mtd CHAR(2) NOT NULL);
CREATE TABLE tbl_log (log_ts VARCHAR(19), usr VARCHAR(20), act VARCHAR(20), dtl VARCHAR(100));
"""
PLANTED_KEYS: dict[str, tuple[dict[str, int | str], ...]] = {
    "tbl_cust": ({"cust_id": 90_001}, {"cust_id": 90_002}, {"cust_id": 90_003}, {"cust_id": 90_004}),
    "tbl_prod": ({"prod_id": 90_001},),
    "tbl_ord": ({"ord_id": 90_001}, {"ord_id": 90_002}),
    "tbl_ord_pos": ({"ord_id": 99_999, "pos_no": 1},),
    "tbl_pay": ({"pay_id": 90_001}, {"pay_id": 90_002}),
    "tbl_log": ({"log_ts": "yesterday", "usr": "user3", "act": "EDIT", "dtl": "item 1"},),
}
"""The keys of the bad rows by table, where there is no key the whole row: exactly these must end in quarantine."""
PLANTED: dict[str, int] = {table: len(keys) for table, keys in PLANTED_KEYS.items()}
"""How many bad rows each table holds."""
COUNTRIES = {
    "AT": "Austria", "BE": "Belgium", "CH": "Switzerland", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain",
    "FI": "Finland", "FR": "France", "GR": "Greece", "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "LU": "Luxembourg",
    "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal", "SE": "Sweden", "SI": "Slovenia",
}  # fmt: skip
FIRST = [
    "Ada", "Bela", "Carla", "David", "Erik", "Fatma", "Greta", "Hugo", "Inès", "João", "Karin", "Léa", "Milan",
    "Nora", "Oskar", "Paula", "Quentin", "Rosa", "Søren", "Théo", "Ursula", "Vera", "Willem", "Zoë",
]  # fmt: skip
LAST = [
    "Aigner", "Brandt", "Cerny", "Dubois", "Eklund", "Fischer", "García", "Horvát", "Ivanova", "Jansen",
    "Kovács", "Lindqvist", "Müller", "Novák", "O'Neill", "Peeters", "Quist", "Rossi", "Šimić", "Tóth", "Urban",
    "Vogel", "Weiß", "Zając",
]  # fmt: skip
STREETS = [
    "Mill Lane", "Station Road", "High Street", "Garden Way", "River Walk", "Old Market", "Church Hill",
    "Harbour Street", "Forest Path", "Tower Row",
]  # fmt: skip
CITIES = [
    "Altenbrück", "Bellevaux", "Castelnovo", "Drienov", "Eikenberg", "Fjellvik", "Gornji Most", "Hallingby",
    "Isola Verde", "Jasenica",
]  # fmt: skip
GROUPS = ["Kitchen", "Garden", "Office", "Travel", "Sports", "Music", "Books", "Toys", "Light", "Tools"]
THINGS = [
    "kettle", "lamp", "chair", "notebook", "backpack", "flute", "hammer", "puzzle", "scarf", "mug", "clock",
    "basket", "mirror", "rug", "shelf",
]  # fmt: skip
LOOKS = [
    "blue", "oak", "round", "folding", "small", "linen", "steel", "vintage", "bright", "soft", "double",
    "quiet",
]  # fmt: skip
MAKERS = ["Works", "Trading", "& Daughters", "Manufaktur", "Studio", "Supply"]
Row = tuple[Any, ...]


def build_shop(path: Path) -> None:
    """Write the database to a new SQLite file; takes about a second. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(path)
    dice = random.Random(SEED)  # noqa: S311 - sample data, not secrets
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = MEMORY")
        database.executescript(SCHEMA)
        for table, rows in tables(dice):
            insert(database, table, rows)
        plant(database)


def insert(database: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows of one width to a table."""
    listed = list(rows)
    marks = ", ".join("?" * len(listed[0]))
    database.executemany(f"INSERT INTO {table} VALUES ({marks})", listed)  # noqa: S608 - names of this module


def tables(dice: random.Random) -> Iterator[tuple[str, Iterable[Row]]]:
    """All tables with their good rows, parents first."""
    yield "tbl_cntry", COUNTRIES.items()
    yield "tbl_cust", customers(dice)
    yield "tbl_addr", addresses(dice)
    yield "tbl_cat", categories()
    yield "tbl_supp", suppliers(dice)
    yield "tbl_prod", products(dice)
    yield "tbl_wh", [(f"W{number:02}", f"Warehouse {city}") for number, city in enumerate(CITIES[:3], 1)]
    yield "tbl_stock", stock(dice)
    yield "tbl_ord", orders(dice)
    yield "tbl_ord_pos", positions(dice)
    yield "tbl_pay", payments(dice)
    yield "tbl_log", log_lines(dice)


def moment(dice: random.Random) -> datetime.datetime:
    """A second of the shop's life."""
    return START + datetime.timedelta(seconds=dice.randrange(15 * 365 * 86_400))


def customers(dice: random.Random) -> Iterator[Row]:
    """``Last, First``; birthdays as the form had them; Y or N; credit limits with a comma."""
    for number in range(1, CUSTOMERS + 1):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        birthday = datetime.date(1940, 1, 1) + datetime.timedelta(days=dice.randrange(24_000))
        email = f"{first}.{last}{number}@Mail.example " if dice.random() > 0.1 else None
        limit = (
            f"{dice.randrange(1, 10)}.{dice.randrange(1000):03},{dice.choice(('00', '50'))}"
            if dice.random() > 0.5
            else None
        )
        known = dice.random() > 0.2
        yield (
            number, f"{last}, {first}", email, f"{birthday:%d.%m.%Y}" if known else None, dice.choice(list(COUNTRIES)),
            "Y" if dice.random() > 0.15 else "N", limit, f"{moment(dice):%Y%m%d}",
        )  # fmt: skip


def addresses(dice: random.Random) -> Iterator[Row]:
    """Billing and shipping; every customer has one of the first addresses."""
    for number in range(1, ADDRESSES + 1):
        customer = number if number <= CUSTOMERS else dice.randrange(1, CUSTOMERS + 1)
        street = f"{dice.choice(STREETS)} {dice.randrange(1, 200)}"
        yield (
            number,
            customer,
            "B" if number <= CUSTOMERS else "S",
            street,
            f"{dice.randrange(1000, 99999)}",
            dice.choice(CITIES),
            dice.choice(list(COUNTRIES)),
        )


def categories() -> Iterator[Row]:
    """A tree of two levels in one table."""
    for number, name in enumerate(GROUPS, 1):
        yield number, None, name
    for number in range(30):
        yield (
            len(GROUPS) + 1 + number,
            1 + number % len(GROUPS),
            f"{GROUPS[number % len(GROUPS)]}: {LOOKS[number % len(LOOKS)]}",
        )


def suppliers(dice: random.Random) -> Iterator[Row]:
    """Firms."""
    for number in range(1, SUPPLIERS + 1):
        yield (
            number,
            f"{dice.choice(LAST)} {dice.choice(MAKERS)}",
            dice.choice(list(COUNTRIES)),
            f"+{dice.randrange(30, 49)} {dice.randrange(10**8)}",
        )


def products(dice: random.Random) -> Iterator[Row]:
    """Goods with a price and a weight in grams."""
    for number in range(1, PRODUCTS + 1):
        name = f"{dice.choice(LOOKS)} {dice.choice(THINGS)} no. {number}"
        yield (
            number,
            dice.randrange(11, 41),
            dice.randrange(1, SUPPLIERS + 1),
            name,
            dice.randrange(199, 99_999) / 100,
            dice.randrange(20, 9_000),
            "Y" if dice.random() > 0.1 else "N",
        )


def stock(dice: random.Random) -> Iterator[Row]:
    """What lies where: a key of two columns."""
    chosen = [(product, f"W{warehouse:02}") for product in range(1, PRODUCTS + 1) for warehouse in range(1, 4)]
    fixed = (
        len(COUNTRIES)
        + CUSTOMERS
        + ADDRESSES
        + 40
        + SUPPLIERS
        + PRODUCTS
        + 3
        + ORDERS
        + POSITIONS
        + PAYMENTS
        + LOG_LINES
    )
    for product, warehouse in chosen[: TOTAL_ROWS - fixed - sum(PLANTED.values()) - 5]:
        yield product, warehouse, dice.randrange(500)


def orders(dice: random.Random) -> Iterator[Row]:
    """Orders with a one-letter state."""
    for number in range(1, ORDERS + 1):
        customer = dice.randrange(1, CUSTOMERS + 1)
        remark = "please ring twice" if dice.random() > 0.95 else None
        yield number, customer, f"{moment(dice):%Y-%m-%d %H:%M:%S}", dice.choice("NPSSSX"), customer, remark


def positions(dice: random.Random) -> Iterator[Row]:
    """One to four positions an order."""
    for number in range(POSITIONS):
        order, position = number % ORDERS + 1, number // ORDERS + 1
        yield (
            order,
            position,
            dice.randrange(1, PRODUCTS + 1),
            dice.randrange(1, 9),
            dice.randrange(199, 99_999) / 100,
            dice.choice((None, 5, 10)),
        )


def payments(dice: random.Random) -> Iterator[Row]:
    """Payments in cents."""
    for number in range(1, PAYMENTS + 1):
        yield (
            number,
            dice.randrange(1, ORDERS + 1),
            f"{moment(dice):%d.%m.%Y}",
            dice.randrange(199, 500_000),
            dice.choice(("CC", "PP", "BT")),
        )


def log_lines(dice: random.Random) -> Iterator[Row]:
    """What people did: no key, and some lines twice."""
    for number in range(LOG_LINES):
        if number % 10 != 9:
            line = (
                f"{moment(dice):%Y-%m-%d %H:%M:%S}",
                f"user{dice.randrange(9)}",
                dice.choice(("LOGIN", "EDIT", "EXPORT")),
                f"item {dice.randrange(999)}",
            )
        yield line


def plant(database: sqlite3.Connection) -> None:
    """The dirt: bad rows that nothing else refers to, and the pings."""
    insert(database, "tbl_cust", [
        (90_001, "Tóth, Vera", None, "31.02.1985", "HU", "Y", None, "20110405"),
        (90_002, "Rossi, Hugo", None, "00.00.0000", "IT", "N", None, "20110406"),
        (90_003, "Quist, Nora", None, None, "DK", "?", None, "20110407"),
        (90_004, "Brandt, Erik", None, "12.05.1970", "DE", "Y", "on request", "20110408"),
    ])  # fmt: skip
    insert(database, "tbl_prod", [(90_001, 11, 1, None, 9.99, 100, "Y")])
    insert(database, "tbl_ord", [
        (90_001, 1, "2013-05-06 10:11:12", "Q", 1, None),
        (90_002, 2, "2013-13-01 10:11:12", "N", 2, None),
    ])  # fmt: skip
    insert(database, "tbl_ord_pos", [(99_999, 1, 1, 1, 9.99, None)])
    insert(database, "tbl_pay", [(90_001, 1, "30.02.2014", 1_999, "CC"), (90_002, 2, "14.07.2014", 2_999, "??")])
    insert(database, "tbl_log", [("yesterday", "user3", "EDIT", "item 1")])
    insert(database, "tbl_log", [("2014-01-01 00:00:00", "monitor", "PING", "")] * 5)
