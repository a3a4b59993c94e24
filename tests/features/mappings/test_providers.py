from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench import Workbench
from dms_workbench.engine.matching.errors import EmbeddingModelUnusable, EndpointUnusable
from dms_workbench.features.mappings.providers import (
    ProviderElsewhere,
    ProviderNotSet,
    ProviderSettingWrong,
    ProviderUnknown,
    language_model,
    parsed,
)
from tests.engine.matching.providers.models import write_model
from tests.engine.matching.providers.speaking import Reply, last_first, speaking
from tests.features.mappings.test_suggest import NEW, OLD, make

KEY = "sk-very-secret-4711"


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    return make(tmp_path / "old.sqlite", OLD), make(tmp_path / "new.sqlite", NEW)


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DMS_MATCHING_LLM_MODEL", "some-model")
    monkeypatch.setenv("DMS_MATCHING_LLM_KEY", KEY)
    return monkeypatch


def test_names_and_places_are_told_apart() -> None:
    assert parsed(["embeddings:C:/models/m", "llm:http://h:1/v1", "llm"]) == (
        ("embeddings", "llm"), {"embeddings": "C:/models/m", "llm": "http://h:1/v1"},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "gpt", "llms:http://x"])
def test_an_unknown_provider_is_refused(name: str) -> None:
    with pytest.raises(ProviderUnknown):
        parsed([name])


def test_nothing_is_asked_of_anybody_without_being_told(
    workbench: Workbench, two: tuple[str, str], set_up: pytest.MonkeyPatch
) -> None:
    with speaking(last_first) as speaker:
        set_up.setenv("DMS_MATCHING_LLM_URL", speaker.url)
        assert workbench.mappings.suggest(*two).notes == ()
    assert speaker.requests == []


def test_a_language_model_orders_what_is_open_and_fills_nothing_in(
    workbench: Workbench, two: tuple[str, str], set_up: pytest.MonkeyPatch
) -> None:
    plain = workbench.mappings.suggest(*two)
    with speaking(last_first) as speaker:
        set_up.setenv("DMS_MATCHING_LLM_URL", speaker.url)
        found = workbench.mappings.suggest(*two, providers=["llm"])

    assert [each.filled_in for each in found.columns] == [each.filled_in for each in plain.columns]
    assert any("put first by the language model" in each.candidates[0].reasons[-1] for each in found.open_columns)
    assert "Its order is a suggestion and fills nothing in" in found.notes[-1]
    assert speaker.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(found)


def test_patterns_of_values_are_told_only_where_that_is_allowed(
    workbench: Workbench, two: tuple[str, str], set_up: pytest.MonkeyPatch
) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(two[0])) as file:
        file.executemany("insert into tblKunde (FName) values (?)", [(f"Geheim{number}",) for number in range(20)])
        file.commit()
    with speaking(last_first) as speaker:
        set_up.setenv("DMS_MATCHING_LLM_URL", speaker.url)
        workbench.mappings.suggest(*two, values=True, providers=["llm"])
        assert "values_look_like" not in repr(speaker.requests)
        workbench.mappings.suggest(*two, values=True, providers=["llm"], tell_patterns=True)
    assert "Aa9" in repr(speaker.requests[-1])
    assert "Geheim" not in repr(speaker.requests)


def test_an_endpoint_that_is_down_costs_nothing_but_a_sentence(
    workbench: Workbench, two: tuple[str, str], set_up: pytest.MonkeyPatch
) -> None:
    plain = workbench.mappings.suggest(*two)
    with speaking(Reply(401, KEY.encode())) as speaker:
        set_up.setenv("DMS_MATCHING_LLM_URL", speaker.url)
        found = workbench.mappings.suggest(*two, providers=["llm"])

    assert found.columns == plain.columns
    assert "401" in found.notes[0]
    assert KEY not in repr(found)


def test_embeddings_of_a_folder_are_used(
    workbench: Workbench, two: tuple[str, str], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("DMS_MATCHING_EMBEDDINGS", str(write_model(tmp_path / "model")))

    found = workbench.mappings.suggest(*two, providers=["embeddings"])

    assert len(found.columns) == len(workbench.mappings.suggest(*two).columns)


def test_a_place_named_for_one_call_counts_only_where_suggestions_are_made(
    workbench: Workbench, two: tuple[str, str], tmp_path: Path
) -> None:
    folder = str(write_model(tmp_path / "model"))
    if "Workbench on http" in repr(workbench):
        with pytest.raises(ProviderElsewhere):
            workbench.mappings.suggest(*two, providers=[f"embeddings:{folder}"])
        return
    assert workbench.mappings.suggest(*two, providers=[f"embeddings:{folder}"]).columns


def test_what_is_not_set_up_is_said(workbench: Workbench, two: tuple[str, str], monkeypatch) -> None:
    with pytest.raises(ProviderNotSet, match="DMS_MATCHING_EMBEDDINGS"):
        workbench.mappings.suggest(*two, providers=["embeddings"])
    with pytest.raises(ProviderNotSet, match="DMS_MATCHING_LLM_URL"):
        workbench.mappings.suggest(*two, providers=["llm"])
    monkeypatch.setenv("DMS_MATCHING_LLM_URL", "http://localhost:1/v1")
    with pytest.raises(ProviderNotSet, match="DMS_MATCHING_LLM_MODEL"):
        workbench.mappings.suggest(*two, providers=["llm"])
    monkeypatch.setenv("DMS_MATCHING_EMBEDDINGS", "/no/such/folder")
    with pytest.raises(EmbeddingModelUnusable, match="no such folder"):
        workbench.mappings.suggest(*two, providers=["embeddings"])


@pytest.mark.parametrize("value", ["many", "0", "-1", "nan", "inf"])
def test_limits_are_numbers_above_nothing(value: str, set_up: pytest.MonkeyPatch) -> None:
    set_up.setenv("DMS_MATCHING_LLM_URL", "http://localhost:1/v1")
    set_up.setenv("DMS_MATCHING_LLM_TOKENS", value)
    with pytest.raises(ProviderSettingWrong, match="DMS_MATCHING_LLM_TOKENS must be a number above 0"):
        language_model()


def test_the_key_is_in_no_representation_and_no_error(set_up: pytest.MonkeyPatch) -> None:
    set_up.setenv("DMS_MATCHING_LLM_URL", "http://localhost:1/v1")
    assert KEY not in repr(language_model())
    set_up.setenv("DMS_MATCHING_LLM_URL", "http://models.example.org/v1")
    with pytest.raises(EndpointUnusable) as raised:
        language_model()
    assert KEY not in str(raised.value) + repr(raised.value.as_dict())
