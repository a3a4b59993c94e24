"""Sealed secrets: they open at their place with their key, and nowhere else."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.kernel.master_keys import KeyMissing, with_new_key
from dms_workbench.kernel.sealing import Place, SealBroken, Sealed, rewrap, seal, unseal

PLACE = Place("local", "connection 1", "password", 1)
RING = with_new_key(None, "test")
SECRET = "correct horse"
SEALED = seal(SECRET, PLACE, RING)
places = st.builds(Place, st.text(), st.text(), st.text(), st.integers(0, 1_000))


@given(secret=st.text(), place=places)
def test_what_is_sealed_opens_at_its_place(secret: str, place: Place) -> None:
    assert unseal(seal(secret, place, RING), place, RING) == secret


@given(other=places)
def test_a_seal_opens_at_no_other_place(other: Place) -> None:
    if other != PLACE:
        with pytest.raises(SealBroken):
            unseal(SEALED, other, RING)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, organisation_id="other"),
        replace(PLACE, object="connection 2"),
        replace(PLACE, field="token"),
        replace(PLACE, version=2),
    ],
)
def test_a_seal_moved_to_another_row_is_refused(other: Place) -> None:
    with pytest.raises(SealBroken, match="not opened"):
        unseal(SEALED, other, RING)


def test_parts_of_two_seals_do_not_mix() -> None:
    other = seal(SECRET, PLACE, RING)

    with pytest.raises(SealBroken):
        unseal(replace(SEALED, wrapped_key=other.wrapped_key), PLACE, RING)


@pytest.mark.parametrize("part", ["wrapped_key", "ciphertext"])
def test_every_flipped_bit_is_refused(part: str) -> None:
    kept = {"wrapped_key": SEALED.wrapped_key, "ciphertext": SEALED.ciphertext}
    whole = kept[part]
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            unseal(Sealed(SEALED.key_id, **{**kept, part: bytes(changed)}), PLACE, RING)


@given(cut=st.integers(0, 60))
def test_a_seal_cut_short_is_refused(cut: int) -> None:
    if cut < len(SEALED.ciphertext):
        with pytest.raises(SealBroken):
            unseal(replace(SEALED, ciphertext=SEALED.ciphertext[:cut]), PLACE, RING)


def test_equal_secrets_look_different_and_hold_nothing_of_the_text() -> None:
    again = seal(SECRET, PLACE, RING)

    assert again.ciphertext != SEALED.ciphertext
    assert again.wrapped_key != SEALED.wrapped_key
    assert SECRET.encode() not in again.ciphertext + again.wrapped_key


def test_a_ring_shows_no_key() -> None:
    assert repr(RING.keys[RING.current]) not in repr(RING)
    assert "keys" not in repr(RING)


def test_a_wrong_master_key_is_named_and_opens_nothing() -> None:
    with pytest.raises(KeyMissing, match=RING.current):
        unseal(SEALED, PLACE, with_new_key(None, "elsewhere"))


def test_a_master_key_under_a_false_id_is_refused() -> None:
    false = replace(RING, keys={RING.current: secrets.token_bytes(32)})

    with pytest.raises(SealBroken):
        unseal(SEALED, PLACE, false)


def test_rotation_wraps_again_without_touching_the_ciphertext() -> None:
    ring = with_new_key(RING, "test")

    wrapped = rewrap(SEALED, PLACE, ring)

    assert wrapped.ciphertext == SEALED.ciphertext
    assert (wrapped.key_id, SEALED.key_id) == (ring.current, RING.current)
    assert unseal(wrapped, PLACE, ring) == unseal(SEALED, PLACE, ring) == SECRET
    with pytest.raises(SealBroken):
        unseal(replace(wrapped, key_id=RING.current), PLACE, ring)


def test_a_seal_is_three_plain_values() -> None:
    assert Sealed(SEALED.key_id, SEALED.wrapped_key, SEALED.ciphertext) == SEALED
