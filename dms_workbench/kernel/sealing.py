"""Secrets at rest: AES-256-GCM envelopes, opened only where they belong.

Every secret is encrypted with a data key of its own, used once; the data key is wrapped with a master key that never
lies in the metadata store. What a seal is for (organisation, object, field, version) and, for the wrapped key, the id
of the master key are authenticated with it: a row that was changed, or moved to another place, does not open.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from .errors import Failed
from .master_keys import KEY_BYTES, KeyRing


class SealBroken(Failed, code="seal-broken", status=500, safe="Nothing was opened."):
    """The sealed {field} of {object} was changed or belongs elsewhere: not opened. Enter the secret again."""


SEAL_FORMAT = "dms-seal/1"
NONCE_BYTES = 12


@dataclass(frozen=True)
class Place:
    """What a seal is for; it opens nowhere else. version: of the secret, so that an old one cannot be put back."""

    organisation_id: str
    object: str
    field: str
    version: int

    def bound_to(self, purpose: str, key_id: str = "") -> bytes:
        """The associated data, unambiguous."""
        parts = [SEAL_FORMAT, purpose, self.organisation_id, self.object, self.field, self.version, key_id]
        return json.dumps(parts).encode()


@dataclass(frozen=True)
class Sealed:
    """A secret as it is kept: the id of the master key, the wrapped data key and the ciphertext, nonces in front."""

    key_id: str
    wrapped_key: bytes
    ciphertext: bytes


def seal(secret: str, place: Place, ring: KeyRing) -> Sealed:
    """Encrypt a secret for one place, under a data key of its own."""
    data_key = secrets.token_bytes(KEY_BYTES)
    ciphertext = _encrypt(data_key, secret.encode(), place.bound_to("secret"))
    return Sealed(ring.current, _wrap(data_key, place, ring), ciphertext)


def unseal(sealed: Sealed, place: Place, ring: KeyRing) -> str:
    """The secret. Raises KeyMissing, or SealBroken if a bit differs or the place is another."""
    data_key = _unwrap(sealed, place, ring)
    return _decrypt(data_key, sealed.ciphertext, place.bound_to("secret"), place).decode()


def rewrap(sealed: Sealed, place: Place, ring: KeyRing) -> Sealed:
    """The same ciphertext, its data key wrapped with the current master key. Raises KeyMissing, SealBroken."""
    return Sealed(ring.current, _wrap(_unwrap(sealed, place, ring), place, ring), sealed.ciphertext)


def keys_for(purpose: str, ring: KeyRing) -> dict[str, bytes]:
    """Keys for another purpose than connections, derived from the master keys, by the master keys' ids.

    Whoever has one of them learns nothing of the master key, nor of the keys for other purposes.
    """
    return {key_id: derived_key(key, purpose) for key_id, key in ring.keys.items()}


def derived_key(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes that depends on another key and on what it is for (HKDF, SHA-256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, None, f"dms {purpose}".encode()).derive(key)


def _wrap(data_key: bytes, place: Place, ring: KeyRing) -> bytes:
    return _encrypt(ring.key(ring.current), data_key, place.bound_to("key", ring.current))


def _unwrap(sealed: Sealed, place: Place, ring: KeyRing) -> bytes:
    return _decrypt(ring.key(sealed.key_id), sealed.wrapped_key, place.bound_to("key", sealed.key_id), place)


def _encrypt(key: bytes, clear: bytes, bound: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound)


def _decrypt(key: bytes, kept: bytes, bound: bytes, place: Place) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise SealBroken(object=place.object, field=place.field) from None
