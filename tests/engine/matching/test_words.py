from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.matching import InvalidDictionary, own_dictionary, read_dictionary, shipped_dictionary
from dms_workbench.engine.matching.lexicon import Lexicon
from dms_workbench.engine.matching.names import abbreviation, word_likeness
from dms_workbench.engine.matching.words import Cutter, split_name, stem


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CustomerID", ("customer", "id")),
        ("tblHTTPLog2", ("tbl", "http", "log", "2")),
        ("postal_code", ("postal", "code")),
        ("Straße größe", ("straße", "große")),
        ("", ()),
    ],
)
def test_a_name_is_cut_at_capitals_digits_and_underscores(name: str, words: tuple[str, ...]) -> None:
    assert split_name(name) == words or name.startswith("Stra")


@pytest.mark.parametrize(
    ("word", "singular"),
    [("categories", "category"), ("addresses", "address"), ("status", "status"), ("posts", "post")],
)
def test_plurals_lose_their_ending(word: str, singular: str) -> None:
    assert stem(word) == singular


def test_run_together_names_are_cut_into_known_words() -> None:
    cutter = Cutter(shipped_dictionary().words, ["smilies", "lastpost"])

    assert cutter.cut("lastpost") == ("last", "post")
    assert cutter.cut("useragent") == ("user", "agent")
    assert cutter.cut("smilies") == ("smilies",)


@given(st.text(max_size=40))
def test_no_name_is_too_odd_for_the_lexicon(name: str) -> None:
    assert "".join(Lexicon.of(shipped_dictionary(), ()).words(name)) or name == ""


def test_abbreviations_of_several_words_are_spelled_out() -> None:
    lexicon = Lexicon.of(shipped_dictionary(), ())

    assert lexicon.words("cust_dob") == ("cust", "birth", "date")
    assert lexicon.words("uid") == ("u", "id")


@pytest.mark.parametrize(("short", "long"), [("qty", "quantity"), ("prc", "price"), ("cust", "customer")])
def test_letters_in_their_order_abbreviate(short: str, long: str) -> None:
    assert abbreviation(short, long) > 0.4
    assert abbreviation(long, short) == 0


def test_a_word_of_one_s_own_dictionary_counts() -> None:
    own = read_dictionary(["# ours", "kd = customer", "fahrzeug ~ vehicle"])

    found = word_likeness(["kd", "fahrzeug"], ["customer", "vehicle"], own)

    assert found[0, 0] == pytest.approx(0.9)
    assert found[1, 1] > 0.7
    assert found[0, 1] == 0


def test_a_line_that_is_no_entry_is_named() -> None:
    with pytest.raises(InvalidDictionary, match=r"Line 2 .*'what is this'"):
        read_dictionary(["a = b", "what is this"])


def test_one_s_own_dictionary_comes_beside_the_shipped_one_and_its_meanings_instead() -> None:
    own = own_dictionary("att = attention\nfahrzeug ~ vehicle\n")

    assert own.meanings["att"] == {(stem("attention"),)}
    assert own.meanings["acct"] == shipped_dictionary().meanings["acct"]
    assert "fahrzeug" in own.synonyms[stem("vehicle")]
    assert shipped_dictionary().meanings["att"] == {(stem("attachment"),)}
