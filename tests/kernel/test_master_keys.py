"""Master keys: made, rotated, forgotten, and kept where others cannot read them."""

from __future__ import annotations

import base64
import os
import secrets
import stat
import sys
import threading
import types
from pathlib import Path

import pytest

from dms_workbench.kernel.master_keys import (
    EnvironmentKeys,
    FolderKeys,
    KeyInUse,
    KeyMissing,
    KeyNotOurs,
    KeyringKeys,
    KeyUnusable,
    forget_master_key,
    key_provider,
    key_ring,
    rotate_master_key,
    with_new_key,
)
from dms_workbench.kernel.sealing import Place, seal, unseal

PLACE = Place("local", "connection 1", "password", 1)
SECRET = "correct horse"


def test_the_first_key_is_made_on_demand_only(clean_environment: Path) -> None:
    with pytest.raises(KeyUnusable, match="there is none"):
        key_ring()

    ring = key_ring(create=True)

    assert key_ring() == key_ring(create=True) == ring
    folder = clean_environment / "master-keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_loose_umask_does_not_open_the_keys(clean_environment: Path) -> None:
    before = os.umask(0)
    try:
        key_ring(create=True)
    finally:
        os.umask(before)

    assert {stat.S_IMODE(path.stat().st_mode) for path in (clean_environment / "master-keys").iterdir()} == {0o600}


def test_threads_that_need_the_first_key_at_a_time_agree(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(key_ring(create=True, provider=FolderKeys(tmp_path / "k")).current)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_keys_that_others_can_read_are_refused_with_the_remedy(clean_environment: Path) -> None:
    key_ring(create=True)
    path = next((clean_environment / "master-keys").glob("*.key"))
    path.chmod(0o644)

    with pytest.raises(KeyUnusable, match="others can read it") as refused:
        key_ring()
    assert refused.value.next == f"chmod 600 {path}"


def test_a_rotated_key_keeps_the_old_one_until_nothing_needs_it(clean_environment: Path) -> None:
    old = key_ring(create=True)
    sealed = seal(SECRET, PLACE, old)

    ring = rotate_master_key()

    assert ring.current != old.current
    assert unseal(sealed, PLACE, ring) == SECRET
    with pytest.raises(KeyInUse, match="1 secrets"):
        forget_master_key(old.current, {old.current: 1})
    with pytest.raises(KeyInUse):
        forget_master_key(ring.current, {})
    forget_master_key(old.current, {ring.current: 1})
    with pytest.raises(KeyMissing):
        unseal(sealed, PLACE, key_ring())
    with pytest.raises(KeyMissing):
        forget_master_key(old.current, {})


def test_two_rotations_at_a_time_lose_no_key(tmp_path: Path) -> None:
    provider = FolderKeys(tmp_path / "keys")
    first = key_ring(create=True, provider=provider)
    one, two = with_new_key(first, "one"), with_new_key(first, "two")

    provider.save(one, first=False)
    provider.save(two, first=False)

    assert set(key_ring(provider=provider).keys) == {first.current, one.current, two.current}


def test_a_rotation_killed_half_way_leaves_everything_readable(tmp_path: Path) -> None:
    provider = FolderKeys(tmp_path / "keys")
    first = key_ring(create=True, provider=provider)
    new = with_new_key(first, "new")
    (tmp_path / "keys" / f"{new.current}.key").write_text(base64.b64encode(new.keys[new.current]).decode())
    (tmp_path / "keys" / f"{new.current}.key").chmod(0o600)
    (tmp_path / "keys" / ".new-unfinished").write_text("half")

    assert key_ring(provider=provider).current == first.current
    assert unseal(seal(SECRET, PLACE, first), PLACE, key_ring(provider=provider)) == SECRET


@pytest.mark.parametrize("content", ["", "nonsense", "QUJD"])
def test_a_damaged_key_is_refused(tmp_path: Path, content: str) -> None:
    provider = FolderKeys(tmp_path / "keys")
    ring = key_ring(create=True, provider=provider)
    (tmp_path / "keys" / f"{ring.current}.key").write_text(content)

    with pytest.raises(KeyUnusable, match="32 random bytes"):
        key_ring(provider=provider)


def test_a_key_under_another_keys_name_is_refused(tmp_path: Path) -> None:
    provider = FolderKeys(tmp_path / "keys")
    ring = key_ring(create=True, provider=provider)
    (tmp_path / "keys" / f"{ring.current}.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())

    with pytest.raises(KeyUnusable, match="does not fit its id"):
        key_ring(provider=provider)


def test_a_current_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    provider = FolderKeys(tmp_path / "keys")
    ring = key_ring(create=True, provider=provider)
    (tmp_path / "keys" / f"{ring.current}.key").unlink()

    with pytest.raises(KeyUnusable, match="current key is missing"):
        key_ring(create=True, provider=provider)


def test_the_environment_gives_keys_the_current_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    monkeypatch.setenv("DMS_MASTER_KEY", old)
    sealed = seal(SECRET, PLACE, key_ring())
    monkeypatch.setenv("DMS_MASTER_KEY", f"{new}, {old}")

    assert unseal(sealed, PLACE, key_ring()) == SECRET
    assert key_ring().current != sealed.key_id
    with pytest.raises(KeyNotOurs, match="in front"):
        rotate_master_key()
    with pytest.raises(KeyNotOurs):
        forget_master_key(sealed.key_id, {})


def test_a_bad_key_in_the_environment_is_refused_without_being_shown() -> None:
    with pytest.raises(KeyUnusable) as refused:
        EnvironmentKeys("c2hvcnQ=,hunter2").load()

    assert "hunter2" not in str(refused.value.as_dict())


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(KeyUnusable, match="file or keyring"):
        key_provider({"DMS_KEY_PROVIDER": "vault"})
    assert isinstance(key_provider({"DMS_KEY_PROVIDER": "keyring"}), KeyringKeys)
    assert isinstance(key_provider({}), FolderKeys)


class MemoryKeyring(types.ModuleType):
    """A keyring of one test."""

    def __init__(self, failing: bool = False) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.failing = failing
        self.errors = types.SimpleNamespace(KeyringError=KeyError)

    def get_password(self, service: str, account: str) -> str | None:
        if self.failing:
            raise KeyError("locked")
        return self.kept.get((service, account))

    def set_password(self, service: str, account: str, password: str) -> None:
        self.kept[service, account] = password


def test_the_keyring_of_the_system_keeps_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = MemoryKeyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    provider = KeyringKeys("me")
    first = key_ring(create=True, provider=provider)

    second = rotate_master_key(provider)
    assert set(key_ring(provider=provider).keys) == {first.current, second.current}
    forget_master_key(first.current, {}, provider)
    assert set(key_ring(provider=provider).keys) == {second.current}
    for damaged in ("{", '{"format": "dms-keys/9", "current": "", "keys": {}}', '{"keys": []}'):
        keyring.kept = dict.fromkeys(keyring.kept, damaged)
        with pytest.raises(KeyUnusable):
            key_ring(provider=provider)


def test_a_locked_or_missing_keyring_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", MemoryKeyring(failing=True))
    with pytest.raises(KeyUnusable, match="KeyError"):
        key_ring(create=True, provider=KeyringKeys("me"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(KeyUnusable, match="not installed"):
        key_ring(create=True, provider=KeyringKeys("me"))


def test_an_unreadable_key_file_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "keys" / "current").mkdir(parents=True)

    with pytest.raises(KeyUnusable):
        key_ring(create=True, provider=FolderKeys(tmp_path / "keys"))
