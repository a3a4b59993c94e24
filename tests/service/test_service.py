"""What only the service does: signing in, problems, limits, health, the document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dms_workbench import Workbench
from dms_workbench.features.access import local_caller
from dms_workbench.kernel.facade import operations
from dms_workbench.kernel.rest import PREFIX
from dms_workbench.kernel.store import Store
from dms_workbench.surfaces.service.problems import MEDIA_TYPE
from dms_workbench.surfaces.service.routes import LIMIT_BYTES
from tests.workbenches import running, token_of

LIMIT_SECONDS = 60
"""Until an answer is there, on a machine busy with other tests."""


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    """A signed-in HTTP client of a running service."""
    headers = {"authorization": f"Bearer {token_of(store, local_caller(store))}"}
    with (
        running(store) as address,
        httpx.Client(base_url=f"{address}{PREFIX}", headers=headers, timeout=LIMIT_SECONDS) as opened,
    ):
        yield opened


def test_health_needs_no_token_and_tells_little(client: httpx.Client) -> None:
    answer = httpx.get(str(client.base_url.copy_with(path="/health")))
    assert (answer.status_code, set(answer.json())) == (200, {"status", "version"})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer dms_wrong", "Basic dXNlcjpwdw==", "Bearer ü"])
def test_without_a_valid_token_nothing_is_answered(client: httpx.Client, header: str) -> None:
    answer = client.get("/projects", headers=[(b"authorization", header.encode())])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "not-signed-in"


def test_an_error_is_a_problem_with_code_facts_and_next_step(client: httpx.Client) -> None:
    client.post("/projects", json={"name": "shop"})
    answer = client.post("/projects", json={"name": "shop"})

    assert answer.status_code == 409
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = answer.json()
    assert problem["code"] == "project-name-taken"
    assert problem["detail"] == "There is already a project shop."
    assert (problem["facts"], problem["next"]) == ({"name": "shop"}, "dms projects get shop")
    assert problem["status"] == answer.status_code


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "name: Field required"),
        (b'{"name": 5}', "name"),
        (b'{"name": "a", "nam": 1}', "nam"),
        (b'{"name": "\xff"}', "not JSON"),
    ],
)
def test_a_body_that_is_wrong_is_named(client: httpx.Client, content: bytes, said: str) -> None:
    answer = client.post("/projects", content=content)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "colour=red", "state=done", "archived=perhaps"])
def test_a_query_that_is_wrong_is_named(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/projects?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-message")
    assert query.partition("=")[0] in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post("/projects", content=b'{"name": "' + b"x" * LIMIT_BYTES + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/access/me", 405)])
def test_an_unknown_route_is_a_problem(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, "unknown-route")


def test_a_fault_of_the_service_tells_nothing_of_its_inside(client: httpx.Client, store: Store) -> None:
    with store.writing() as db:
        db.exec_driver_sql("DROP TABLE project_changes")
    answer = client.post("/projects", json={"name": "shop"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "project_changes" not in answer.text


def test_every_use_case_has_its_entry_in_the_document(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    documented = {entry["operationId"] for path in document["paths"].values() for entry in path.values()}
    assert documented == {f"{group}.{name}" for group, name in operations(Workbench)}


def test_an_entry_says_fields_example_result_and_errors(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    entry = document["paths"][f"{PREFIX}/projects"]["post"]

    assert entry["summary"] == "Create a project; you become its manager."
    content = entry["requestBody"]["content"]["application/json"]
    assert content["schema"]["required"] == ["name"]
    assert "at most 500" in content["schema"]["properties"]["description"]["description"]
    assert content["example"] == {"name": "name"}
    assert entry["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["state"]
    assert "project-name-taken" in entry["responses"]["409"]["content"][MEDIA_TYPE]["examples"]
    assert entry["security"] == [{"token": []}]


def test_the_document_refers_to_nothing_that_is_missing(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    defined = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= defined


def references(part: Any) -> list[str]:
    """Every reference in a document."""
    if isinstance(part, list):
        return [found for item in part for found in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for item in part.values() for found in references(item)]


def test_the_service_opens_and_closes_a_store_by_address(store: Store) -> None:
    token = token_of(store, local_caller(store))
    with running(store.url.render_as_string()) as address, Workbench(address, token=token) as workbench:
        assert workbench.projects.list().total == 0
        assert address in repr(workbench)


def test_a_token_made_over_rest_is_in_the_answer_once(client: httpx.Client) -> None:
    answer = client.post("/access/tokens", json={"name": "x"})
    assert answer.json()["secret"].startswith("dms_")
    assert answer.json()["secret"] not in client.get("/access/tokens").text
    assert json.loads(answer.text)["name"] == "x"
