from __future__ import annotations

import re

from dms_workbench.engine.databases.catalogue import Column
from dms_workbench.engine.expressions import compile_select, lookup_of_values
from dms_workbench.engine.mapping import check_mapping, open_points, parse_mapping
from tests.documents import ROOT
from tests.engine.expressions.reference import PAGE, page
from tests.engine.mapping.samples import INTEGER, SOURCE, catalogue, table

HEAD = "format: dms-mapping/1\nname: shop\ntables:\n"


def test_the_page_lists_the_functions_as_they_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.engine.expressions.reference"


def test_the_expressions_shown_on_the_page_compile() -> None:
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    columns = table("t", "cust_name", "act_yn", "birth_dt", "phone", "cntry_cd").columns
    for line in block.splitlines():
        compile_select(columns, [("x", line)], None, {"country": lookup_of_values({"DE": "Germany"})})


def test_the_mapping_file_shown_on_its_page_is_one_that_works() -> None:
    text = (ROOT / "docs" / "reference" / "mapping-file.md").read_text("utf-8")
    shown, joins, notes = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    mapping = parse_mapping(re.sub(r"^source: .*\n", "", shown, flags=re.MULTILINE))
    assert check_mapping(mapping, SOURCE, catalogue()) == []

    joined = parse_mapping(f"{HEAD}{joins}")
    amount, percent = Column("amount", INTEGER), Column("percent", INTEGER)
    orders = table("orders", "id", "cntry", "zone", amount)
    assert (
        check_mapping(joined, catalogue(*SOURCE.tables, orders, table("tax_rate", "code", "zone", percent)), None) == []
    )

    noted = parse_mapping(f"{HEAD}  - source: tbl_customer\n    columns:\n{notes}")
    assert len(open_points(noted)) == 1
