"""Arrays, composites and hstore of PostgreSQL as JSON."""

from __future__ import annotations

import json

import pytest

from dms_workbench.engine.converting.exact import Unfit
from dms_workbench.engine.converting.structures import array_to_json, hstore_to_json, structure_to_json
from dms_workbench.engine.databases.catalogue import DataType
from dms_workbench.engine.verifying.spellings import json_meaning
from dms_workbench.engine.verifying.structures import form_of, record_meaning


@pytest.mark.parametrize(
    ("native", "text", "wanted"),
    [
        ("integer[]", "{}", "[]"),
        ("integer[]", "{1,NULL,-3}", "[1,null,-3]"),
        ("integer[]", "{{1,2},{3,NULL}}", "[[1,2],[3,null]]"),
        ("integer[]", "[1:2]={7,8}", "[7,8]"),
        ("numeric(10,2)[]", "{1.50,NaN,99999999999999999999.1}", '[1.50,"NaN",99999999999999999999.1]'),
        ("text[]", r'{a,"b,c","d\"e\\",NULL,"NULL","","{}"}', r'["a","b,c","d\"e\\",null,"NULL","","{}"]'),
        ("text[]", '{"é\n"}', '["é\\n"]'),
        ("boolean[]", "{t,f,NULL}", "[true,false,null]"),
        ("jsonb[]", r'{"{\"a\": [1, 2]}",NULL,"\"x\""}', '[{"a": [1, 2]},null,"x"]'),
        ("date[]", "{2024-01-31}", '["2024-01-31"]'),
    ],
)
def test_an_array_becomes_json(native: str, text: str, wanted: str):
    assert array_to_json(text, DataType("other", native)) == wanted


def test_an_array_whose_lowest_index_is_not_1_is_unfit():
    with pytest.raises(Unfit, match="loses-precision"):
        array_to_json("[0:1]={5,6}", DataType("other", "integer[]"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "{}"),
        ('"a"=>"1", "b"=>NULL', '{"a": "1", "b": null}'),
        (r'"q\"=>\\"=>"x, \"y\"=>", "NULL"=>"NULL"', r'{"q\"=>\\": "x, \"y\"=>", "NULL": "NULL"}'),
    ],
)
def test_an_hstore_becomes_a_json_object(text: str, wanted: str):
    assert hstore_to_json(text) == wanted


INNER = DataType("other", "inner", fields=(("n", DataType("decimal", "numeric(5,2)")), ("t", DataType("text", "text"))))
OUTER = DataType(
    "other",
    "outer",
    fields=(
        ("a b", INNER),
        ("all", DataType("other", "inner[]", element=INNER)),
        ("ok", DataType("boolean", "boolean")),
    ),
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('("(1.50,""q""""u\\\\\\\\o,"")",,t)', '{"a b": {"n": 1.50, "t": "q\\"u\\\\o,"}, "all": null, "ok": true}'),
        ('(,"{""(2,)"",NULL}",f)', '{"a b": null, "all": [{"n": 2, "t": null},null], "ok": false}'),
        ("(,,)", '{"a b": null, "all": null, "ok": null}'),
        ('("(,"""")",{},)', '{"a b": {"n": null, "t": ""}, "all": [], "ok": null}'),
    ],
)
def test_a_composite_becomes_a_json_object_and_verification_reads_it_alike(text: str, wanted: str):
    assert structure_to_json(text, OUTER) == wanted
    assert record_meaning(text, json.dumps(form_of(OUTER))) == json_meaning(wanted)


@pytest.mark.parametrize("text", ["", "(", "(1)", "nonsense"])
def test_a_text_that_is_no_composite_is_unfit(text: str):
    with pytest.raises(Unfit):
        structure_to_json(text, OUTER)
    assert record_meaning(text, json.dumps(form_of(OUTER))) is None
