"""A shop's mapping and catalogues that the tests of mappings share."""

from __future__ import annotations

from dms_workbench.engine.databases.catalogue import Catalogue, Column, DataType, Key, Table, TableName

TEXT = DataType("text", "TEXT")
INTEGER = DataType("integer", "INTEGER", bits=64)

SHOP = """\
format: dms-mapping/1
name: shop
lookups:
  order_status: {values: {N: new, P: paid}}
  country: {table: tbl_country, key: cntry_cd, value: cntry_nm}
tables:
  - source: tbl_customer
    target: customer
    where: "cust_type <> 'TEST'"
    columns:
      id: cust_id   # a plain word: that source column
      first_name: {expression: "split_part(cust_name, ' ', 1)"}
      country: {expression: "lookup('country', cntry_cd)"}
      active: {expression: "if(act_yn = 'Y', true, error('not Y'))", type: BOOLEAN}
      origin: {constant: legacy}
    ignore: [cust_old_fax]
"""


def table(name: str, *columns: Column | str) -> Table:
    """A table; a column given by name is text."""
    made = tuple(column if isinstance(column, Column) else Column(column, TEXT) for column in columns)
    return Table(TableName(None, name), made, primary_key=Key((made[0].name,)))


def catalogue(*tables: Table) -> Catalogue:
    """A catalogue of these tables."""
    return Catalogue("sqlite", "3", None, tables)


SOURCE = catalogue(
    table("tbl_country", "cntry_cd", "cntry_nm"),
    table("tbl_customer", Column("cust_id", INTEGER), "cust_name", "cntry_cd", "act_yn", "cust_type", "cust_old_fax"),
)
TARGET = catalogue(
    table("customer", Column("id", INTEGER, nullable=False), "first_name", "country", "active", "origin")
)
