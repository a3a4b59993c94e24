"""Which providers there are in this process: settings of its environment, or places named for one call."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ...kernel.bus import LocalBus
from ...kernel.errors import UsageError
from ...kernel.secrets import Secret
from ...platform import data_folder

if TYPE_CHECKING:
    from ...engine.matching.providers import Embeddings, LanguageModel
    from ...kernel.bus import Bus

ProviderName = Literal["embeddings", "llm"]
NAMES: tuple[ProviderName, ...] = get_args(ProviderName)

EMBEDDINGS = "DMS_MATCHING_EMBEDDINGS"
LLM_URL, LLM_MODEL, LLM_KEY = "DMS_MATCHING_LLM_URL", "DMS_MATCHING_LLM_MODEL", "DMS_MATCHING_LLM_KEY"
LLM_CALLS, LLM_TOKENS, LLM_SECONDS = "DMS_MATCHING_LLM_CALLS", "DMS_MATCHING_LLM_TOKENS", "DMS_MATCHING_LLM_SECONDS"
PLACES: ContextVar[dict[ProviderName, str] | None] = ContextVar("provider_places", default=None)
"""Places named for the calls inside, where the bus is in this process."""


class ProviderNotSet(UsageError, code="provider-not-set", next="Set {setting}, or leave --provider {name} out."):
    """The provider {name} is not set up here: {setting} is not set."""


class ProviderSettingWrong(UsageError, code="provider-setting-wrong", next="Correct {setting}."):
    """{setting} must be a number above 0."""


class ProviderUnknown(UsageError, code="provider-unknown", next="dms match --help"):
    """There is no provider {name}: use embeddings, embeddings:FOLDER, llm or llm:URL."""


class ProviderElsewhere(
    UsageError,
    code="provider-elsewhere",
    next="Leave the place out: --provider {name} uses what the service has set up.",
):
    """A place for {name} can be named only where suggestions are made in this process; here a service makes them."""


def parsed(given: Sequence[str]) -> tuple[tuple[ProviderName, ...], dict[ProviderName, str]]:
    """Names and places from ``embeddings:FOLDER`` and the like. Raises ProviderUnknown."""
    names: list[ProviderName] = []
    places: dict[ProviderName, str] = {}
    for each in given:
        text, _, place = each.partition(":")
        name = next((known for known in NAMES if known == text), None)
        if name is None:
            raise ProviderUnknown(name=text[:40])
        names += [name] if name not in names else []
        places |= {name: place} if place else {}
    return tuple(names), places


@contextmanager
def places_named(places: dict[ProviderName, str], bus: Bus) -> Iterator[None]:
    """Calls inside use these places. Raises ProviderElsewhere where they are carried out by another process."""
    if places and not isinstance(bus, LocalBus):
        raise ProviderElsewhere(name=next(iter(places)))
    token = PLACES.set(places)
    try:
        yield
    finally:
        PLACES.reset(token)


def place_of(name: ProviderName, setting: str) -> str:
    """Where a provider is: as named for this call, else by the setting. Raises ProviderNotSet."""
    place = (PLACES.get() or {}).get(name) or os.environ.get(setting, "")
    if not place:
        raise ProviderNotSet(name=name, setting=setting)
    return place


def number(setting: str, default: float) -> float:
    """A setting that is a number. Raises ProviderSettingWrong."""
    text = os.environ.get(setting, "")
    try:
        found = float(text) if text else default
    except ValueError:
        raise ProviderSettingWrong(setting=setting) from None
    if not 0 < found < float("inf"):
        raise ProviderSettingWrong(setting=setting)
    return found


def embeddings() -> Embeddings:
    """The local model. Raises ProviderNotSet, EmbeddingModelUnusable."""
    from ...engine.matching.providers import Embeddings

    return Embeddings.read(Path(place_of("embeddings", EMBEDDINGS)).expanduser())


def language_model() -> LanguageModel:
    """The model at its endpoint. Raises ProviderNotSet, ProviderSettingWrong, EndpointUnusable."""
    from ...engine.matching.providers import Endpoint, LanguageModel, Limits

    url = place_of("llm", LLM_URL)
    model = os.environ.get(LLM_MODEL, "")
    if not model:
        raise ProviderNotSet(name="llm", setting=LLM_MODEL)
    text = os.environ.get(LLM_KEY, "")
    key = Secret(text)
    limits = Limits(int(number(LLM_CALLS, 40)), int(number(LLM_TOKENS, 200_000)), number(LLM_SECONDS, 120.0))
    endpoint = Endpoint(url, model, key.reveal if text else None)
    return LanguageModel(endpoint, limits, data_folder() / "matching" / "answers")
