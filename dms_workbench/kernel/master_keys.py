"""Master keys: where they are kept, how they are made, rotated and forgotten.

The master key comes from ``DMS_MASTER_KEY`` (base64 of 32 bytes; after a comma older ones that still open), from the
operating system's keyring (``DMS_KEY_PROVIDER=keyring``), or from files in ``master-keys`` in the data folder, which
are made at the first use, readable by their owner only. Keep that folder out of the backups of the store.

Rotating makes a new master key and wraps the data keys again; what is encrypted is not touched, and the old key stays
until no seal uses it. Nonces are random, 96 bits: a master key is good for 2³⁰ seals and more.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..platform import WINDOWS, data_folder, private_folder
from .errors import Failed, Refused, UsageError


class KeyUnusable(Failed, code="master-key-unusable", status=503, safe="Nothing was changed."):
    """The master key in {place} cannot be used: {reason}"""


class KeyMissing(Failed, code="master-key-missing", status=503, safe="The sealed secrets are untouched."):
    """A secret is sealed with master key {key_id}, not found in {place}. Put it back, or enter the secret again."""


class KeyInUse(Refused, code="master-key-in-use"):
    """Master key {key_id} still opens {count} secrets, or is the one that new secrets are sealed with: it is kept."""


class KeyNotOurs(UsageError, code="master-key-not-ours"):
    """The master key is given by {place}, so it is changed there: {reason}"""


FORMAT = "dms-keys/1"
KEY_BYTES = 32
FOLDER_NAME = "master-keys"
CURRENT = "current"
ENVIRONMENT = "DMS_MASTER_KEY"
KEYRING_SERVICE = "dms-workbench"


@dataclass(frozen=True)
class KeyRing:
    """Master keys by id; new seals use ``current``. place: where they come from, for messages."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    place: str = ""

    def key(self, key_id: str) -> bytes:
        """A master key. Raises KeyMissing."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise KeyMissing(key_id=key_id, place=self.place) from None


class KeyProvider(Protocol):
    """Where master keys are kept."""

    def load(self) -> KeyRing | None:
        """The keys; None if there are none yet. Raises KeyUnusable."""
        ...

    def save(self, ring: KeyRing, *, first: bool) -> KeyRing:
        """Keep the keys. first: unless somebody else was faster; returns what is kept now. Raises KeyNotOurs."""
        ...

    def drop(self, key_id: str) -> None:
        """Remove a key for good. Raises KeyNotOurs."""
        ...


def key_ring(*, create: bool = False, provider: KeyProvider | None = None) -> KeyRing:
    """The master keys of this workbench.

    create: make the first one if there is none; leave it off where sealed secrets exist already.
    Raises KeyUnusable; it never guesses and never falls back to another provider.
    """
    provider = provider or key_provider()
    ring = provider.load()
    if ring is not None:
        return ring
    if not create:
        raise KeyUnusable(place=str(provider), reason="there is none; put it back from where it is kept safe")
    return provider.save(with_new_key(None, str(provider)), first=True)


def rotate_master_key(provider: KeyProvider | None = None) -> KeyRing:
    """Make a new master key the current one and keep the others. Raises KeyUnusable, KeyNotOurs."""
    provider = provider or key_provider()
    return provider.save(with_new_key(provider.load(), str(provider)), first=False)


def forget_master_key(key_id: str, seals_by_key: Mapping[str, int], provider: KeyProvider | None = None) -> None:
    """Drop an old master key for good, as `check_forgettable` permits. Raises KeyNotOurs besides."""
    provider = provider or key_provider()
    check_forgettable(key_id, seals_by_key, provider)
    provider.drop(key_id)


def check_forgettable(key_id: str, seals_by_key: Mapping[str, int], provider: KeyProvider | None = None) -> None:
    """See that a master key is there and not needed. seals_by_key: how many seals use each.

    Raises KeyInUse for the current key and one that still opens something, KeyMissing, KeyUnusable.
    """
    ring = key_ring(provider=provider)
    ring.key(key_id)
    if key_id == ring.current or seals_by_key.get(key_id):
        raise KeyInUse(key_id=key_id, count=seals_by_key.get(key_id, 0))


def with_new_key(ring: KeyRing | None, place: str) -> KeyRing:
    """The keys and a fresh one, which is current."""
    key = secrets.token_bytes(KEY_BYTES)
    return KeyRing(key_id_of(key), {**(ring.keys if ring else {}), key_id_of(key): key}, place)


def key_id_of(key: bytes) -> str:
    """The id of a master key: a fingerprint that says nothing of it."""
    return hashlib.sha256(b"dms master key\x00" + key).hexdigest()[:16]


def key_provider(environment: Mapping[str, str] | None = None) -> KeyProvider:
    """Where this process takes master keys from: environment, keyring (if chosen) or files."""
    environment = os.environ if environment is None else environment
    if environment.get(ENVIRONMENT):
        return EnvironmentKeys(environment[ENVIRONMENT])
    chosen = environment.get("DMS_KEY_PROVIDER", "file")
    if chosen == "keyring":
        return KeyringKeys(str(data_folder()))
    if chosen != "file":
        raise KeyUnusable(place="DMS_KEY_PROVIDER", reason="it may be file or keyring")
    return FolderKeys(key_folder())


def key_folder() -> Path:
    """Where the key files of this workbench lie, or would."""
    return data_folder() / FOLDER_NAME


class EnvironmentKeys:
    """Master keys in ``DMS_MASTER_KEY``, the current one first."""

    def __init__(self, text: str) -> None:
        """text: the variable's value."""
        self._text = text

    def __str__(self) -> str:
        return ENVIRONMENT

    def load(self) -> KeyRing:
        """The keys given."""
        keys = [_decoded_key(part.strip(), ENVIRONMENT) for part in self._text.split(",")]
        return KeyRing(key_id_of(keys[0]), {key_id_of(key): key for key in keys}, ENVIRONMENT)

    def save(self, ring: KeyRing, *, first: bool) -> KeyRing:  # noqa: ARG002  the protocol's
        """Refuse: the environment is not ours to change."""
        raise KeyNotOurs(place=ENVIRONMENT, reason="put the new key in front, a comma between, and start again")

    def drop(self, key_id: str) -> None:
        """Refuse as well."""
        raise KeyNotOurs(place=ENVIRONMENT, reason=f"take {key_id} out and start again")


class FolderKeys:
    """Master keys as files in a private folder, one each, and the id of the current one in ``current``.

    A file is written once and never changed, so two processes that rotate at a time cannot lose each other's key.
    """

    def __init__(self, folder: Path) -> None:
        """folder: made at the first save."""
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def load(self) -> KeyRing | None:
        """The keys in the folder, if there are any, all private and whole."""
        current = self._read(self.folder / CURRENT)
        if current is None:
            return None
        keys = {path.stem: _decoded_key(self._read(path) or "", str(path)) for path in self.folder.glob("*.key")}
        return _checked_ring(KeyRing(current, keys, str(self)))

    def save(self, ring: KeyRing, *, first: bool) -> KeyRing:
        """Write the keys that are new, drop those that left, then point to the current one in one step."""
        private_folder(self.folder)
        for key_id, key in ring.keys.items():
            if not (self.folder / f"{key_id}.key").exists():
                self._write(self.folder / f"{key_id}.key", base64.b64encode(key).decode(), replace=False)
        self._write(self.folder / CURRENT, ring.current, replace=not first)
        return self.load() or ring

    def drop(self, key_id: str) -> None:
        """Remove a key for good."""
        (self.folder / f"{key_id}.key").unlink(missing_ok=True)

    def _read(self, path: Path) -> str | None:
        try:
            with path.open("rb") as file:
                exposed = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
                content = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyUnusable(place=str(path), reason=error.strerror or "it cannot be read") from None
        if exposed and not WINDOWS:
            raise KeyUnusable(place=str(path), reason="others can read it", next=f"chmod 600 {path}")
        return content.decode("utf-8", "replace").strip()

    def _write(self, path: Path, text: str, *, replace: bool) -> None:
        """Write a file beside, whole and on the disk, then put it in place; without ``replace`` one there stays."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            if replace:
                os.replace(name, path)
            else:
                with contextlib.suppress(FileExistsError):
                    os.link(name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


class KeyringKeys:
    """Master keys in the operating system's keyring, under the data folder's name. Needs the package ``keyring``."""

    def __init__(self, account: str) -> None:
        """account: whose keys."""
        self._account = account

    def __str__(self) -> str:
        return "the keyring of the operating system"

    def load(self) -> KeyRing | None:
        """The keys in the keyring."""
        text = self._call("get_password", KEYRING_SERVICE, self._account)
        return None if text is None else _ring_from_json(text, str(self))

    def save(self, ring: KeyRing, *, first: bool) -> KeyRing:  # noqa: ARG002  a keyring has no such step
        """Put them there."""
        keys = {key_id: base64.b64encode(key).decode() for key_id, key in ring.keys.items()}
        text = json.dumps({"format": FORMAT, "current": ring.current, "keys": keys})
        self._call("set_password", KEYRING_SERVICE, self._account, text)
        return ring

    def drop(self, key_id: str) -> None:
        """Save the others."""
        ring = key_ring(provider=self)
        kept = {name: key for name, key in ring.keys.items() if name != key_id}
        self.save(KeyRing(ring.current, kept, ring.place), first=False)

    def _call(self, name: str, *arguments: str) -> str | None:
        try:
            import keyring
        except ImportError:
            raise KeyUnusable(
                place=str(self),
                reason="the package keyring is not installed",
                next="pip install 'dms-workbench[keyring]'",
            ) from None
        try:
            answer: str | None = getattr(keyring, name)(*arguments)
        except keyring.errors.KeyringError as error:
            raise KeyUnusable(place=str(self), reason=type(error).__name__) from None
        return answer


def _ring_from_json(text: str, place: str) -> KeyRing:
    try:
        data = json.loads(text)
        keys = {key_id: _decoded_key(key, place) for key_id, key in data["keys"].items()}
        ring = KeyRing(data["current"], keys, place if data["format"] == FORMAT else "")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyUnusable(place=place, reason="it is damaged") from None
    if not ring.place:
        raise KeyUnusable(place=place, reason=f"its format is not {FORMAT}")
    return _checked_ring(ring)


def _checked_ring(ring: KeyRing) -> KeyRing:
    if any(key_id_of(key) != key_id for key_id, key in ring.keys.items()):
        raise KeyUnusable(place=ring.place, reason="it is damaged: a key does not fit its id")
    if ring.current not in ring.keys:
        raise KeyUnusable(place=ring.place, reason="the current key is missing; put it back from where it is kept safe")
    return ring


def _decoded_key(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyUnusable(
            place=place,
            reason="a key is the base64 form of 32 random bytes",
            next='python -c "import secrets, base64; print(base64.b64encode(secrets.token_bytes(32)).decode())"',
        )
    return key
