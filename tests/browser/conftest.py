"""JupyterLab and a browser for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import Lab, browser_page, running_lab, stop_workers

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser's page."""
    with browser_page() as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab; each notebook says which data folder it uses."""
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture
def home(clean_environment: Path) -> Iterator[Path]:
    """The data folder of this test, whose worker is stopped at its end."""
    yield clean_environment
    stop_workers(clean_environment)
