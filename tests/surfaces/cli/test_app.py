from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dms_workbench import __version__
from dms_workbench.kernel.facade import facades
from dms_workbench.kernel.messages import summary
from dms_workbench.surfaces.cli import main
from dms_workbench.surfaces.cli.app import program
from dms_workbench.surfaces.cli.table_of_commands import GROUPS, HAND_WRITTEN
from dms_workbench.workbench import Workbench
from tests.surfaces.cli.conftest import Dms

HEAVY = ("alembic", "duckdb", "polars", "psycopg", "pyarrow", "pydantic", "rich", "sqlalchemy", "sqlglot", "structlog")
MODULES_AT_MOST = 260


def test_help_loads_nothing_heavy_and_few_modules() -> None:
    code = (
        "import sys, dms_workbench.surfaces.cli as cli; cli.main(['--help']);"
        f"sys.stderr.write(repr(([name for name in {HEAVY!r} if name in sys.modules], len(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded, count = eval(done.stderr)

    assert loaded == []
    assert count < MODULES_AT_MOST


def test_help_of_migrate_loads_nothing_heavy() -> None:
    code = (
        "import sys, dms_workbench.surfaces.cli as cli; cli.main(['migrate', '--help']);"
        f"sys.stderr.write(repr([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stderr == "[]"


def test_help_shows_every_command_with_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out

    assert [name for name in [*HAND_WRITTEN, *GROUPS] if f"\n  {name} " not in shown] == []
    assert "dms migrate shop.sqlite shop.duckdb" in shown
    assert "Exit codes: 0 succeeded" in shown


def test_the_groups_are_the_features_with_their_own_words() -> None:
    assert {name: summary(facade) for name, facade in facades(Workbench).items()} == GROUPS


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_a_command_of_the_table_is_there_and_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"Usage: dms {name}" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"dms {__version__}\n"
    assert main(["--json", "--version"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": __version__}


def test_without_a_command_it_helps_and_says_that_one_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Usage: dms" in shown.err


def test_a_wrong_word_is_answered_with_the_nearest_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verfy", "a", "b"]) == 2
    shown = capsys.readouterr()
    assert "✗ There is no command verfy. Did you mean verify?" in shown.err
    assert shown.out == ""


def test_a_wrong_word_with_json_gives_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "lst", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["next"]) == ("usage", "dms runs --help")


def test_json_quiet_and_verbose_are_taken_before_the_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "--quiet", "projects", "list"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["items"] == []
    assert shown.err == ""


def test_the_shell_completes_commands_and_options(dms: Dms) -> None:
    asked = {"_DMS_COMPLETE": "bash_complete", "COMP_WORDS": "dms mig", "COMP_CWORD": "1"}
    assert "plain,migrate" in dms(environment=asked).out
    asked = {"_DMS_COMPLETE": "bash_complete", "COMP_WORDS": "dms migrate --map", "COMP_CWORD": "2"}
    assert "plain,--mapping" in dms(environment=asked).out


def test_output_that_nobody_reads_ends_without_a_word(dms: Dms) -> None:
    with dms.start("--help") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_every_command_of_every_feature_has_help() -> None:
    root = program()
    context = root.make_context("dms", ["projects"])
    without = []
    for name in GROUPS:
        group = root.get_command(context, name)
        assert group is not None
        for operation in group.list_commands(context):  # type: ignore[attr-defined]  # a group
            command = group.get_command(context, operation)  # type: ignore[attr-defined]  # a group
            without += [f"{name} {operation}"] if not command.help else []
    assert without == []
