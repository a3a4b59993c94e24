from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.features.notebooks import MappingUnreadable, RunNotAccepted, accept, connection_of, read_mapping
from dms_workbench.kernel.secrets import Secret
from tests.features.notebooks.test_tables import run


@pytest.fixture
def wb() -> Workbench:
    return Workbench()


def test_a_connection_is_found_by_id_by_name_and_by_url(wb: Workbench, tmp_path: Path) -> None:
    project = wb.projects.ensure("shop")
    made = wb.connections.create(project.id, "old", url=Secret(f"sqlite:///{tmp_path}/old.sqlite"))
    assert connection_of(wb, project.id, made.id) == made
    assert connection_of(wb, project.id, "@old") == made
    assert connection_of(wb, project.id, str(tmp_path / "new.duckdb")).database == "duckdb"
    wb.close()


def test_no_mapping_gives_no_arguments() -> None:
    assert read_mapping("") == {}


def test_a_mapping_is_read_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("format: dms-mapping/1\n", encoding="utf-8-sig")
    assert read_mapping(str(tmp_path / "m.yaml")) == {
        "mapping_text": "format: dms-mapping/1\n", "mapping_path": str(tmp_path / "m.yaml"),
    }  # fmt: skip


def test_a_mapping_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    for name in ("bad.yaml", "absent.yaml"):
        with pytest.raises(MappingUnreadable, match=name):
            read_mapping(str(tmp_path / name))


def test_an_accepted_status_passes() -> None:
    accept(run("succeeded"), "succeeded, succeeded_with_quarantine")


def test_another_status_raises_with_the_reason() -> None:
    with pytest.raises(RunNotAccepted, match=r"ended as failed, which .* \(succeeded\)\. It broke\."):
        accept(run("failed", error={"message": "It broke."}), "succeeded")
