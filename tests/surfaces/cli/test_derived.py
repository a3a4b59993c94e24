from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import click
import pytest

from dms_workbench.kernel.facade import operations
from dms_workbench.kernel.messages import field_types
from dms_workbench.surfaces.cli import main
from dms_workbench.surfaces.cli.derived import DerivedCommand, group
from dms_workbench.surfaces.cli.results import field
from dms_workbench.workbench import Workbench

MESSAGES = operations(Workbench)
COMMON = {"json", "quiet", "verbose", "help"}


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The JSON of a command that must succeed."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("path", MESSAGES, ids=".".join)
def test_every_field_of_a_message_is_an_option_and_nothing_else_is(path: tuple[str, str]) -> None:
    command = DerivedCommand(path[1], MESSAGES[path])
    options = {option.name for option in command.params if isinstance(option, click.Option)}

    assert options == {*field_types(MESSAGES[path]), "json", "quiet", "verbose"}
    assert not COMMON & set(field_types(MESSAGES[path]))


def test_every_message_is_a_command_of_its_feature() -> None:
    for feature, operation in MESSAGES:
        found = group(feature)
        assert found is not None
        assert found.get_command(click.Context(found), operation.replace("_", "-")) is not None


def test_required_fields_are_positional_in_field_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "projects", "create", "shop")["name"] == "shop"


def test_required_fields_are_options_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "projects", "create", "--name", "shop", "--description", "Ours")["description"] == "Ours"


def test_a_field_given_as_an_option_leaves_its_place_to_the_next(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told(capsys, "projects", "create", "shop")
    made = told(capsys, "connections", "create", "--project-id", "shop", "old", "--url", str(tmp_path / "a.sqlite"))

    assert made["name"] == "old"


def test_a_flag_can_be_turned_on_and_off(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told(capsys, "projects", "create", "shop")
    made = told(
        capsys,
        "connections",
        "create",
        "shop",
        "old",
        "--path",
        str(tmp_path / "a"),
        "--database",
        "sqlite",
        "--production",
    )

    assert made["production"] is True
    assert told(capsys, "connections", "update", "old", "--no-production")["production"] is False


def test_a_missing_field_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connections", "create", "shop"]) == 2
    assert "✗ Missing NAME." in capsys.readouterr().err


def test_a_word_too_many_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["projects", "create", "shop", "or", "two"]) == 2
    assert "Too many words: or two" in capsys.readouterr().err


def test_a_text_is_read_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("format: dms-mapping/1\nname: shop\ntables:\n  - source: a\n")
    told(capsys, "projects", "create", "shop")
    help_text = DerivedCommand("save", MESSAGES["mappings", "save"]).get_help(click.Context(click.Command("save")))
    assert "@FILE" in help_text

    saved = told(capsys, "mappings", "save", "shop", "shop", "--text", f"@{tmp_path / 'shop.yaml'}")
    assert saved["name"] == "shop"


def test_a_file_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["mappings", "save", "shop", "shop", "--text", f"@{tmp_path / 'absent.yaml'}"]) == 2
    assert "absent.yaml cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_secret_is_read_from_standard_input_and_never_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("canary\n"))
    told(capsys, "projects", "create", "shop")
    place = ["--database", "postgres", "--host", "127.0.0.1", "--user", "me", "--database-name", "shop"]
    made = told(capsys, "connections", "create", "shop", "server", *place, "--password", "-")

    assert made["has_password"] is True
    assert "canary" not in json.dumps(made)


def test_a_new_tokens_secret_is_shown_this_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "access", "create-token", "laptop")["secret"].startswith("dms_")
    assert main(["access", "create-token", "laptop"]) == 0
    assert "dms_" in capsys.readouterr().out


def test_a_list_is_a_table_with_a_hint_when_there_is_more(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two", "three"):
        told(capsys, "projects", "create", name)
    assert main(["projects", "list", "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].split()[:2] == ["name", "state"]
    assert lines[2].split()[:2] == ["one", "draft"]
    assert lines[-1] == "  2 of 3; --offset 2 shows the next."


def test_an_empty_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["projects", "list"]) == 0
    assert capsys.readouterr().out == "There is none.\n"


def test_a_wrong_number_is_told_by_the_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["projects", "list", "--limit", "many"]) == 2
    assert "limit" in capsys.readouterr().err


def test_a_word_that_is_not_allowed_shows_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "log", "x", "--level", "loud"]) == 2
    assert "'warning'" in capsys.readouterr().err


def test_a_connection_that_does_not_work_fails_its_test(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told(capsys, "projects", "create", "shop")
    told(capsys, "connections", "create", "shop", "old", "--url", f"sqlite:///{tmp_path}/absent.sqlite")

    assert main(["connections", "test", "old", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "file-missing"


def test_several_sentences_of_a_field_stand_one_below_the_other() -> None:
    assert field("warnings", ("One is here.", "Two is there.")) == [["warnings", "One is here."], ["", "Two is there."]]
    assert field("read_only", True) == [["read only", "yes"]]
