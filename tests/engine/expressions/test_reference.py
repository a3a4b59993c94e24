from __future__ import annotations

import re

from dms_workbench.engine.expressions import compile_select, lookup_of_values
from dms_workbench.engine.mapping import check_mapping, parse_mapping
from tests.documents import ROOT
from tests.engine.expressions.reference import PAGE, page
from tests.engine.mapping.samples import SOURCE, catalogue, table


def test_the_page_lists_the_functions_as_they_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.engine.expressions.reference"


def test_the_expressions_shown_on_the_page_compile() -> None:
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    columns = table("t", "cust_name", "act_yn", "birth_dt", "phone", "cntry_cd").columns
    for line in block.splitlines():
        compile_select(columns, [("x", line)], None, {"country": lookup_of_values({"DE": "Germany"})})


def test_the_mapping_file_shown_on_its_page_is_one_that_works() -> None:
    text = (ROOT / "docs" / "reference" / "mapping-file.md").read_text("utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    mapping = parse_mapping(re.sub(r"^source: .*\n", "", shown, flags=re.MULTILINE))
    assert check_mapping(mapping, SOURCE, catalogue()) == []
