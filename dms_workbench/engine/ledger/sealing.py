"""Values of quarantined rows, sealed so that the ledger in the target does not show them.

Each row is encrypted (AES-256-GCM) with its run's data key, and bound to its place: run, table map, lane, chunk and row. A row
that was changed, or moved to another place, does not open. The run's data key is derived from the keys that the caller gives,
so another host that has the same keys opens the same rows, and nothing has to be kept in the target. Keys of rows stay readable
where the table has a key; what has none is sealed as a whole.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...kernel.errors import WorkbenchError
from ..databases.base import Value
from .values import decode_row

RAW_TEXT = "(text)"
"""Under this name the key of a row that could not be read holds its text."""
HIDDEN = "(sealed)"
"""What stands in the readable key in place of the text of a row that could not be read."""
MARK = "$sealed"
NONCE_BYTES = 12


class QuarantineSealed(
    WorkbenchError,
    code="quarantine-sealed",
    status=409,
    safe="The rows are untouched in the target's ledger.",
    next="Work where the master key is with which the run was started, or put that key back (DMS_MASTER_KEY, or the folder master-keys).",
):
    """The rows in quarantine of run {run_id} are sealed, and key {key_id} is not here."""


class QuarantineDamaged(
    WorkbenchError, code="quarantine-damaged", status=500, safe="Nothing was opened and nothing was changed."
):
    """A sealed row in quarantine of run {run_id} was changed, or comes from elsewhere: it is not opened."""


@dataclass(frozen=True, slots=True)
class Seals:
    """The keys by which quarantined rows are sealed and opened; ``current`` seals."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    """32 bytes each, by the name that stands in what they have sealed."""

    def data_key(self, run_id: str, name: str) -> bytes:
        """The data key of a run. Raises QuarantineSealed."""
        if name not in self.keys:
            raise QuarantineSealed(run_id=run_id, key_id=name)
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), 32, None, f"dms quarantine of run {run_id}".encode()).derive(self.keys[name])


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a quarantined row was found; what is sealed opens nowhere else."""

    run_id: str
    map_no: int
    lane_no: int
    chunk_no: int
    row_no: int

    def bound(self) -> bytes:
        """The associated data, unambiguous."""
        return json.dumps(
            ["dms-quarantine/1", self.run_id, self.map_no, self.lane_no, self.chunk_no, self.row_no]
        ).encode()


@dataclass(frozen=True, slots=True)
class Opened:
    """A quarantined row: its key (all its values where the table has none) and its values, in the forms of the databases."""

    key: dict[str, Value]
    row: dict[str, Value]

    @property
    def unreadable(self) -> bool:
        """Is it a row that the source could not read as one? Its values are then not known."""
        return RAW_TEXT in self.key


def sealed(spot: Spot, key: str, values: str, *, keyed: bool, seals: Seals) -> tuple[str, str]:
    """What is kept of a row: its readable key and its sealed values, both as JSON text.

    key, values: as `encode_row` makes them; keyed: False where the key is all the values.
    """
    shown = json.loads(key) if keyed else {}
    secret = {name: value for name, value in shown.items() if name == RAW_TEXT}
    clear = json.dumps({"key": secret, "row": json.loads(values)}, separators=(",", ":")).encode()
    shown |= dict.fromkeys(secret, HIDDEN)
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = nonce + cipher(seals.data_key(spot.run_id, seals.current)).encrypt(nonce, clear, spot.bound())
    kept = {MARK: [seals.current, base64.b64encode(box).decode()]}
    return json.dumps(shown, separators=(",", ":")), json.dumps(kept, separators=(",", ":"))


def opened(spot: Spot, key: str, values: str, seals: Seals | None) -> Opened:
    """A row as it was put in; also one that was never sealed. Raises QuarantineSealed, QuarantineDamaged."""
    box = sealed_part(values)
    if box is None:
        return Opened(decode_row(key), decode_row(values))
    name, text = box
    if seals is None:
        raise QuarantineSealed(run_id=spot.run_id, key_id=name)
    clear = json.loads(unsealed(spot, text, seals.data_key(spot.run_id, name)))
    row = decode_row(json.dumps(clear["row"]))
    return Opened({**decode_row(key), **decode_row(json.dumps(clear["key"]))} or row, row)


def sealed_start(key_id: str) -> str:
    """How the values of every row begin that a key has sealed; key_id: without signs that JSON escapes."""
    return json.dumps({MARK: [key_id]}, separators=(",", ":"))[:-2]


def sealed_part(values: str) -> tuple[str, str] | None:
    """The name of the key and the box, of values that are sealed; None of others."""
    if not values.startswith('{"' + MARK + '"'):
        return None
    data: dict[str, Any] = json.loads(values)
    name, text = data[MARK]
    return name, text


def unsealed(spot: Spot, text: str, key: bytes) -> bytes:
    """What a box holds. Raises QuarantineDamaged."""
    from cryptography.exceptions import InvalidTag

    try:
        box = base64.b64decode(text, validate=True)
        clear: bytes = cipher(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], spot.bound())
    except (InvalidTag, ValueError):
        raise QuarantineDamaged(run_id=spot.run_id) from None
    return clear


def cipher(key: bytes) -> Any:
    """AES-GCM with a key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
