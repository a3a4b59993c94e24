"""The service until it ends."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.surfaces.cli.conftest import Dms


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_service_without_a_traceback(dms: Dms, shop: Path, second: signal.Signals) -> None:
    run_id = dms("migrate", str(shop), "new.sqlite", "--json").json["run_id"]
    with dms.start("serve", "--port", "0", "--json") as service:
        assert service.stdout is not None
        place = json.loads("".join(service.stdout.readline() for _ in range(4)))
        waiting = Request(
            f"{place['address']}/api/v1/runs/{run_id}/events?after=100000&wait_seconds=5",
            headers={"Authorization": f"Bearer {place['token']}"},
        )
        with ThreadPoolExecutor() as pool:
            pool.submit(urlopen, waiting, timeout=30)
            time.sleep(1)
            service.send_signal(signal.SIGINT)
            time.sleep(0.5)
            service.send_signal(second)
            _, said = service.communicate(timeout=60)

    assert "Traceback" not in said
    assert service.returncode == 0
