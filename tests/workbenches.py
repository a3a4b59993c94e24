"""Workbenches for tests: the same store reached embedded and through a real service on a free loopback port."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from dms_workbench.features.access import CreateToken, local_caller, token_caller
from dms_workbench.kernel.context import Caller
from dms_workbench.kernel.store import Store
from dms_workbench.surfaces.service import create_app
from dms_workbench.workbench import Workbench, local_bus, open_store

START_LIMIT_SECONDS = 20


@dataclass
class Team:
    """A store and ways to it for several people. address: of the service; None when embedded."""

    store: Store
    address: str | None
    opened: list[Workbench] = field(default_factory=list)

    @property
    def administrator(self) -> Workbench:
        """The workbench of the operating-system user, administrator of the organisation local."""
        return self.workbench_of(local_caller(self.store))

    def person(self, name: str, role: str | None = None) -> Workbench:
        """The workbench of a user made now, with a role in the organisation."""
        user = self.administrator.access.create_user(name, role=role)
        return self.workbench_of(Caller(user.id, name, "local", role=role))

    def again(self, workbench: Workbench) -> Workbench:
        """The same person after a change of rights; a service sees it at once, embedded it is a new caller."""
        if self.address is not None:
            return workbench
        return Workbench.over(
            local_bus(self.store, token_caller(self.store, token_of(self.store, caller_of(workbench))))
        )

    def workbench_of(self, caller: Caller) -> Workbench:
        """A caller's workbench."""
        if self.address is None:
            return Workbench.over(local_bus(self.store, caller))
        self.opened.append(Workbench(self.address, token=token_of(self.store, caller)))
        return self.opened[-1]

    def close(self) -> None:
        """Close the connections to the service."""
        for workbench in self.opened:
            workbench.close()


def caller_of(workbench: Workbench) -> Caller:
    """The caller of an embedded workbench."""
    caller: Caller = workbench.bus.caller  # type: ignore[attr-defined]  # embedded only
    return caller


def token_of(store: Store, caller: Caller) -> str:
    """A new token of a caller."""
    return local_bus(store, caller).send(CreateToken("test")).secret.reveal()


@contextmanager
def running(store: Store | str) -> Iterator[str]:
    """A service over a store, on a free loopback port; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(store), log_level="critical", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_LIMIT_SECONDS)
        listener.close()


@pytest.fixture(scope="session")
def empty_store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store brought to the newest version once, to be copied."""
    path = tmp_path_factory.mktemp("store") / "workbench.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(empty_store_file: Path, clean_environment: Path) -> Iterator[Store]:
    """An empty store in the data folder of the test."""
    clean_environment.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(empty_store_file, clean_environment / "workbench.sqlite")
    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture(params=["embedded", "service"])
def team(request: pytest.FixtureRequest, store: Store) -> Iterator[Team]:
    """Several people on one store: once embedded, once through the service."""
    if request.param == "embedded":
        yield Team(store, None)
        return
    with running(store) as address:
        people = Team(store, address)
        yield people
        people.close()


@pytest.fixture
def workbench(team: Team) -> Workbench:
    """The administrator's workbench: once embedded, once through the service."""
    return team.administrator
