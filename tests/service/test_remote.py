"""The remote bus when the network or the service is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from dms_workbench import Workbench, remote
from dms_workbench.features.projects import ArchiveProject, CreateProject, ListProjects
from dms_workbench.kernel.errors import NotSignedIn
from dms_workbench.kernel.rest import request_of
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from dms_workbench.kernel.wire import Invalid
from dms_workbench.remote import ATTEMPTS, RemoteBus, ServiceUnreachable
from tests.workbenches import running

EMPTY_PAGE = b'{"items": [], "total": 0, "offset": 0, "limit": 100}'


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_PAUSE_SECONDS", 0.001)


class Network:
    """Answers requests as told, one after the other, and keeps them."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def bus_on() -> Iterator[Callable[[Network], RemoteBus]]:
    opened: list[RemoteBus] = []

    def make(network: Network) -> RemoteBus:
        bus = RemoteBus("https://service/", Secret("dms_token"))
        bus._client.close()
        bus._client = httpx.Client(base_url="https://service", transport=httpx.MockTransport(network))
        opened.append(bus)
        return bus

    yield make
    for bus in opened:
        bus.close()


def test_a_query_is_repeated_until_it_is_answered(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network(httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(200, content=EMPTY_PAGE))
    assert bus_on(network).send(ListProjects()).total == 0
    assert len(network.requests) == 3


def test_a_query_is_not_repeated_for_ever(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network(*[httpx.ReadTimeout("slow")] * ATTEMPTS)
    with pytest.raises(ServiceUnreachable, match="slow"):
        bus_on(network).send(ListProjects())
    assert network.answers == []


def test_a_command_that_may_have_arrived_is_not_repeated(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network(httpx.ReadTimeout("slow"))
    with pytest.raises(ServiceUnreachable) as lost:
        bus_on(network).send(CreateProject("shop"))
    assert "not known" in lost.value.safe
    assert len(network.requests) == 1


def test_a_command_that_never_left_is_repeated(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network(*[httpx.ConnectError("refused")] * ATTEMPTS)
    with pytest.raises(ServiceUnreachable):
        bus_on(network).send(CreateProject("shop"))
    assert len(network.requests) == ATTEMPTS


def test_an_answer_from_something_else_is_named(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network(httpx.Response(404, text="<html>nothing here</html>"))
    with pytest.raises(ServiceUnreachable, match="HTTP 404"):
        bus_on(network).send(ListProjects())


def test_a_wrong_field_is_found_before_anything_is_sent(bus_on: Callable[[Network], RemoteBus]) -> None:
    network = Network()
    with pytest.raises(Invalid):
        bus_on(network).send(ListProjects(limit=0))
    assert network.requests == []


def test_a_request_has_path_query_and_body_in_their_places() -> None:
    assert request_of(ListProjects(archived=True, limit=5)) == (
        "/projects",
        [("archived", "true"), ("limit", "5")],
        None,
    )
    assert request_of(CreateProject("shop")) == ("/projects", [], {"name": "shop"})
    assert request_of(ArchiveProject("a/b ü")) == ("/projects/a%2Fb%20%C3%BC/archive", [], {})
    assert request_of(ArchiveProject(".."))[0] == "/projects/%2E%2E/archive"


def test_without_a_token_the_service_answers_not_signed_in(store: Store) -> None:
    with running(store) as address, Workbench(address) as workbench, pytest.raises(NotSignedIn, match="none was sent"):
        workbench.projects.list()


def test_the_token_is_taken_from_the_environment_and_not_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DMS_WORKBENCH_TOKEN", "dms_wrong")
    with running(store) as address, Workbench(address) as workbench:
        with pytest.raises(NotSignedIn, match="unknown"):
            workbench.projects.list()
        assert "dms_wrong" not in repr(vars(workbench.bus))


def test_nothing_listening_is_said(store: Store) -> None:
    with Workbench("http://127.0.0.1:1", token="x") as workbench, pytest.raises(ServiceUnreachable, match="127"):
        workbench.projects.list()
