"""What tests of connections share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dms_workbench import Workbench
from dms_workbench.features.access import local_caller
from dms_workbench.features.connections import (
    Connection,
    resolve_url,
)
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from dms_workbench.workbench import local_bus

URL = Secret("postgresql://me:pass@db.example.org/shop")


@pytest.fixture(autouse=True)
def shop(workbench: Workbench) -> str:
    return workbench.projects.create("shop").id


def url_for_workers(store: Store, connection: Connection) -> str:
    """What a worker connects with."""
    bus = local_bus(store, local_caller(store))
    with store.reading() as db:
        return resolve_url(replace(bus, db=db).context(), connection.id)
