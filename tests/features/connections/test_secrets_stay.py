"""A canary password goes through every use of a connection; nothing that is kept, shown or logged may hold it."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from rich.console import Console

from dms_workbench import Workbench
from dms_workbench.engine.databases.urls import normalise
from dms_workbench.features.connections import CreateConnection, EnsureConnection, RotateCredential, UpdateConnection
from dms_workbench.kernel import shown
from dms_workbench.kernel.errors import WorkbenchError
from dms_workbench.kernel.secrets import Secret
from dms_workbench.kernel.store import Store
from dms_workbench.kernel.wire import to_json
from tests.servers import PostgresServer

CANARY = "Canary:7f3a9c/e1@4b"
FORMS = (
    CANARY.encode(),
    quote(CANARY, safe="").encode(),
    base64.b64encode(CANARY.encode()),
    base64.b64encode(CANARY.encode()).rstrip(b"=")[:-1],
    CANARY.encode().hex().encode(),
    CANARY.encode("utf-16-le"),
    b"7f3a9c",
)
ENCODED = quote(CANARY, safe="")


@pytest.fixture
def role(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a user whose password is the canary."""
    postgres.execute(f"create role canary login password '{CANARY}'")
    yield postgres.url(user="canary", password=CANARY)
    postgres.execute("drop role canary")


def attempted(act: Callable[[], Any]) -> Any:
    """What a call returns or raises."""
    try:
        return act()
    except WorkbenchError as error:
        return error


def everything(workbench: Workbench, url: str) -> list[Any]:
    """Create, ensure, test, fail, change and rotate with the canary."""
    connections = workbench.connections
    wrong = url.replace("/postgres", "/no-such")
    unescaped = url.replace(ENCODED, CANARY)
    broken = [unescaped, f"{url}?password={ENCODED}", f"{url}#x", url.replace(":", "|", 1), url.replace("@", " ")]
    return [
        connections.create("shop", "good", Secret(url)),
        connections.create("shop", "plain", url),  # type: ignore[arg-type]  # as a notebook writes it
        connections.create("shop", "wrong", Secret(wrong)),
        connections.ensure("shop", Secret(url)),
        *[attempted(lambda text=text: connections.ensure("shop", text)) for text in broken],  # type: ignore[misc]
        *[attempted(lambda text=text: connections.create("shop", "bad", text)) for text in broken],  # type: ignore[misc]
        attempted(lambda: connections.create("shop", "good", Secret(url))),
        connections.test("good"),
        connections.test("wrong"),
        connections.rotate("good", Secret(CANARY)),
        attempted(lambda: connections.update("good", url=Secret(url), expected_version=99)),
        connections.update("good", url=Secret(url), production=True),
        connections.rotate_keys(),
        connections.get("good"),
        connections.list(),
        workbench.audit.entries(),
    ]


def as_shown(result: Any) -> list[str]:
    """A result in every form a person may see."""
    console = Console(file=io.StringIO(), width=200)
    console.print(result)
    forms = [repr(result), str(result), console.file.getvalue(), repr(pickle.dumps(result))]  # type: ignore[attr-defined]
    if isinstance(result, WorkbenchError):
        return [*forms, str(result.as_dict()), "".join(traceback.format_exception(result))]
    return [
        *forms,
        shown.text_table(*shown.table(result)),
        shown.html_table(*shown.table(result)),
        to_json(result).decode(),
    ]


def test_no_trace_of_a_password_is_left(
    workbench: Workbench, store: Store, role: str, clean_environment: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    workbench.projects.create("shop")
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        results = everything(workbench, role)
    assert results[0].has_password
    assert [result.works for result in results if hasattr(result, "works")] == [True, False]

    places = {f"{type(result).__name__} {number}": "\n".join(as_shown(result)) for number, result in enumerate(results)}
    places |= {"output": output.getvalue(), "log": caplog.text}
    store.close()
    found = {name: [form for form in FORMS if form in text.encode()] for name, text in places.items()}
    for path in clean_environment.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(clean_environment))] = [form for form in FORMS if form in path.read_bytes()]

    assert {name: forms for name, forms in found.items() if forms} == {}
    assert "workbench.sqlite" in found


@pytest.mark.parametrize(
    "message",
    [
        CreateConnection("shop", "x", f"postgresql://me:{ENCODED}@h/d", password=CANARY),  # type: ignore[arg-type]
        EnsureConnection("shop", f"postgresql://me:{ENCODED}@h/d"),  # type: ignore[arg-type]
        UpdateConnection("x", url=f"postgresql://me:{ENCODED}@h/d"),  # type: ignore[arg-type]
        RotateCredential("x", CANARY),  # type: ignore[arg-type]
    ],
)
def test_a_message_shows_no_secret_even_before_it_is_sent(message: object) -> None:
    assert not [form for form in FORMS if form in f"{message!r} {message} {vars(message)}".encode()]


def test_a_secret_in_a_message_still_opens() -> None:
    url = EnsureConnection("shop", f"postgresql://me:{ENCODED}@h/d").url  # type: ignore[arg-type]

    assert normalise(url.reveal()).password == CANARY


def test_the_canary_is_found_where_it_is(tmp_path: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        connection.execute("create table t (a)")
        connection.execute("insert into t values (?)", (CANARY,))
        connection.commit()

    assert FORMS[0] in (tmp_path / "a.sqlite").read_bytes()
