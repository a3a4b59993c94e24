"""The ledger of a target: made once, however many come at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from dms_workbench.engine.databases.urls import database_for
from dms_workbench.engine.ledger import Ledger

TOGETHER = 6


@pytest.mark.parametrize("product", ["postgres", "duckdb"])
def test_first_runs_at_the_same_time_share_the_ledger_that_one_of_them_makes(product, tmp_path, request):
    url = request.getfixturevalue("postgres_url") if product == "postgres" else f"duckdb:///{tmp_path / 'aim.duckdb'}"
    barrier = Barrier(TOGETHER)

    def install(_number: int) -> bool:
        with closing(database_for(url).open_target(url)) as target:
            barrier.wait()
            Ledger(target).install()
            return Ledger(target).exists()

    with ThreadPoolExecutor(TOGETHER) as pool:
        assert all(pool.map(install, range(TOGETHER)))
