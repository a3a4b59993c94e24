from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.mapping import parse_mapping
from dms_workbench.engine.mapping.diff import diff_mappings
from dms_workbench.engine.mapping.rewrite import unordered
from tests.engine.mapping.samples import SHOP
from tests.engine.mapping.test_edit import changed
from tests.engine.mapping.test_write import mappings


def words(before: str, after: str) -> list[str]:
    return [str(change) for change in diff_mappings(parse_mapping(before), parse_mapping(after))]


def test_a_changed_column_is_told_field_by_field() -> None:
    after = SHOP.replace(
        "id: cust_id", "id: {source: cust_no, owner: ana, decision: {status: accepted, by: ana, confidence: 0.97}}"
    )
    assert words(SHOP, after) == [
        "~ column customer.id, made of: cust_id → cust_no",
        "~ column customer.id, owner: none → ana",
        "~ column customer.id, decision: none → accepted by ana, confidence 0.97",
    ]


def test_what_comes_and_goes_is_told_as_a_whole() -> None:
    after = SHOP.replace("      origin: {constant: legacy}\n", "      since: today\n").replace(
        "  order_status: {values: {N: new, P: paid}}\n", ""
    )
    after += "  - source: a\n    target: b\n    columns: {x: y}\n"
    assert words(SHOP, after) == [
        '- lookup order_status: {values: {"N": new, P: paid}}',
        "- column customer.origin: constant legacy",
        "+ column customer.since: today",
        "+ table b: from a",
        '+ column b.x: "y"',
    ]


def test_a_table_map_that_goes_elsewhere_is_the_same_one() -> None:
    assert words(SHOP, SHOP.replace("target: customer", "target: person")) == [
        "~ table person, target: customer → person"
    ]


def test_layout_order_and_comments_do_not_count() -> None:
    after = SHOP.replace("id: cust_id", "id: {source: 'cust_id'}").replace(
        "ignore: [cust_old_fax]", "ignore:\n    - cust_old_fax"
    )
    assert words(SHOP, after) == []


@given(st.data())
def test_two_mappings_are_different_exactly_if_a_change_is_told(data: st.DataObject) -> None:
    mapping = data.draw(mappings)
    after = data.draw(changed(mapping))
    assert bool(diff_mappings(mapping, after)) == (unordered(mapping) != unordered(after))
