from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.surfaces.cli.demo_folder import (
    MANIFEST,
    DemoFileChanged,
    DemoFolder,
    DemoFolderTaken,
    DemoFolderUnusable,
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoFolder:
    monkeypatch.chdir(tmp_path)
    return DemoFolder(tmp_path / "dms-demo")


def made(place: DemoFolder) -> None:
    """What a demo leaves."""
    place.clear()
    place.source.write_bytes(b"old")
    place.target.write_bytes(b"new")
    for file in place.texts:
        file.write_text(file.name)
    place.sign()


def test_a_folder_that_is_absent_or_empty_is_taken(place: DemoFolder) -> None:
    place.check()
    place.path.mkdir()
    place.check()


def test_a_folder_with_anything_else_is_refused_and_another_named(place: DemoFolder) -> None:
    place.path.mkdir()
    (place.path / "thesis.txt").write_text("mine")
    with pytest.raises(DemoFolderTaken, match=r"holds thesis\.txt") as raised:
        place.check()
    assert raised.value.next == "dms demo --folder dms-demo-2"


def test_a_folder_with_the_demos_names_but_not_its_sign_is_refused(place: DemoFolder) -> None:
    place.path.mkdir()
    place.source.write_text("mine")
    with pytest.raises(DemoFolderTaken):
        place.check()


@pytest.mark.parametrize("sign", ["", "{}", "[]", '{"format": "dms-demo/9", "files": {}}'])
def test_a_sign_that_is_not_the_demos_is_none(place: DemoFolder, sign: str) -> None:
    place.path.mkdir()
    (place.path / MANIFEST).write_text(sign)
    with pytest.raises(DemoFolderTaken):
        place.check()


def test_an_earlier_demo_is_replaced_and_the_users_files_stay(place: DemoFolder) -> None:
    made(place)
    (place.path / "mine.sql").write_text("mine")
    place.check()
    place.clear()
    assert sorted(item.name for item in place.path.iterdir()) == [MANIFEST, "mine.sql"]


def test_a_text_that_the_user_changed_is_not_replaced(place: DemoFolder) -> None:
    made(place)
    place.mapping.write_text("changed")
    with pytest.raises(DemoFileChanged, match=r"demo-shop\.yaml"):
        place.check()


def test_a_demo_that_was_killed_half_way_can_be_repeated(place: DemoFolder) -> None:
    place.clear()
    place.source.write_bytes(b"half")
    place.check()


def test_a_file_in_the_folders_place_is_an_error_of_ours(place: DemoFolder) -> None:
    place.path.write_text("a file")
    with pytest.raises(DemoFolderUnusable):
        place.check()
    with pytest.raises(DemoFolderUnusable):
        place.clear()
