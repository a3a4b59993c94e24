"""The bus and its behaviours, with messages of the tests' own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import pytest
from annotated_types import Ge
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from dms_workbench.features.access import local_caller
from dms_workbench.features.projects import CreateProject, GetProject, ListProjects, Project
from dms_workbench.kernel.audit_entry import Happening
from dms_workbench.kernel.bus import LocalBus, handles, prepares
from dms_workbench.kernel.context import Caller, Context
from dms_workbench.kernel.errors import NotFound, NotPermitted, WorkbenchError
from dms_workbench.kernel.events import EVENTS, Event, publish
from dms_workbench.kernel.messages import MESSAGES, Command, Query, field_docs, register, summary
from dms_workbench.kernel.store import Store, outbox
from dms_workbench.kernel.wire import Invalid


class Stop(WorkbenchError, code="test-stop"):
    """Stopped at {place}."""


class ThingDone(Event):
    """A thing was done."""

    what: str


class DoThing(Command[str], route="POST /tests/things", scope="projects:create", raises=(Stop,)):
    """Do a thing with two projects.

    name: of the first; other: of the second,
      which may be missing.
    times: how often.
    stop: where to stop.
    """

    name: str
    other: str = ""
    times: Annotated[int, Ge(0)] = 1
    stop: str = ""


@handles(DoThing)
def do_thing(command: DoThing, ctx: Context) -> str:
    ctx.bus.send(CreateProject(command.name))
    publish(ctx, ThingDone(command.name))
    if command.stop == "after first":
        raise Stop(place=command.stop)
    if command.other:
        try:
            ctx.bus.send(CreateProject(command.other))
        except WorkbenchError:
            return "first only"
    return "both"


class Peek(Query[int], route="GET /tests/peek", scope="projects:read", reads_rows=True):
    """Look, or do what a query must not.

    how: what to try.
    """

    how: str = ""


@handles(Peek)
def peek(query: Peek, ctx: Context) -> int:
    if query.how == "write":
        ctx.db.execute(text("DELETE FROM projects"))
    if query.how == "send a command":
        ctx.bus.send(CreateProject("x"))
    return len(ctx.bus.send(ListProjects()))


class Recorded(list[Happening]):
    """What the bus told the audit."""

    def __call__(self, _db: Any, happening: Happening) -> None:
        self.append(happening)


@pytest.fixture
def told() -> Recorded:
    return Recorded()


@pytest.fixture
def bus(store: Store, told: Recorded) -> LocalBus:
    return LocalBus(store, local_caller(store), record=told)


@pytest.fixture(autouse=True)
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG, logger="dms_workbench"):
        yield


def names(bus: LocalBus) -> list[str]:
    return [project.name for project in bus.send(ListProjects())]


def test_a_nested_command_commits_with_the_one_that_sent_it(bus: LocalBus, told: Recorded) -> None:
    assert bus.send(DoThing("a", "b")) == "both"
    assert names(bus) == ["a", "b"]
    assert [happening.action for happening in told] == ["CreateProject", "CreateProject", "DoThing"]


def test_a_command_that_fails_leaves_nothing_of_what_it_sent(bus: LocalBus) -> None:
    with pytest.raises(Stop, match="after first"):
        bus.send(DoThing("a", stop="after first"))
    assert names(bus) == []
    with bus.store.reading() as db:
        assert db.execute(outbox.select()).all() == []


def test_a_nested_command_that_fails_undoes_only_itself(bus: LocalBus) -> None:
    bus.send(CreateProject("b"))
    assert bus.send(DoThing("a", "b")) == "first only"
    assert names(bus) == ["a", "b"]


def test_an_event_is_in_the_outbox_once_its_command_committed(bus: LocalBus) -> None:
    bus.send(DoThing("a"))
    with bus.store.reading() as db:
        rows = db.execute(outbox.select().order_by(outbox.c.id)).all()
    assert [row.name for row in rows] == ["ProjectCreated", "ThingDone"]
    assert rows[1].body == {"what": "a"}
    assert rows[1].organisation_id == "local"
    assert rows[1].delivered_at is None
    assert EVENTS["ThingDone"] is ThingDone


def test_a_query_cannot_write(bus: LocalBus) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        bus.send(Peek("write"))


def test_a_query_cannot_send_a_command(bus: LocalBus) -> None:
    with pytest.raises(TypeError, match="CreateProject"):
        bus.send(Peek("send a command"))


def test_a_query_that_shows_rows_is_audited(bus: LocalBus, told: Recorded) -> None:
    bus.send(Peek())
    assert [(happening.action, happening.outcome) for happening in told] == [("Peek", "done")]


def test_every_field_is_checked_and_named(bus: LocalBus) -> None:
    with pytest.raises(Invalid, match=r"DoThing.*name: .*string.*times: .*greater than or equal to 0") as wrong:
        bus.send(DoThing(7, times=-1))  # type: ignore[arg-type]
    assert wrong.value.exit_code == 2


def test_a_field_that_reads_as_its_type_is_taken(bus: LocalBus, told: Recorded) -> None:
    bus.send(DoThing("a", times="3"))  # type: ignore[arg-type]
    assert told[-1].details["times"] == 3


def test_a_refused_nested_send_is_recorded_after_everything_is_undone(bus: LocalBus, told: Recorded) -> None:
    manager = Caller("m", "max", "local", role="project_manager")
    limited = replace(bus, caller=replace(manager, limit=frozenset({"projects:create", "projects:read"})))
    bus.send(CreateProject("secret"))
    told.clear()

    with pytest.raises(NotFound):
        limited.send(GetProject("secret"))

    assert [(happening.action, happening.outcome, happening.user_name) for happening in told] == [
        ("GetProject", "refused", "max")
    ]


def test_a_caller_without_role_may_nothing(bus: LocalBus) -> None:
    nobody = replace(bus, caller=Caller("n", "nobody", "local"))
    with pytest.raises(NotPermitted, match="projects:create"):
        nobody.send(CreateProject("a"))


def test_another_organisation_sees_nothing(bus: LocalBus) -> None:
    project = bus.send(CreateProject("a"))
    stranger = replace(bus, caller=Caller("s", "sam", "other", role="system_admin"))
    assert names(stranger) == []
    for name in ("a", project.id):
        with pytest.raises(NotFound):
            stranger.send(GetProject(name))


def test_a_list_holds_only_projects_where_the_role_allows_it(bus: LocalBus) -> None:
    project = bus.send(CreateProject("a"))
    bus.send(CreateProject("b"))
    member = replace(bus, caller=Caller("m", "max", "local", project_roles={project.id: "viewer"}))
    assert names(member) == ["a"]


def test_the_log_has_names_and_no_values(bus: LocalBus, caplog: pytest.LogCaptureFixture) -> None:
    bus.send(CreateProject("a", "a very private description"))
    with pytest.raises(WorkbenchError):
        bus.send(CreateProject("a"))

    assert '"message": "CreateProject"' in caplog.text
    assert "project-name-taken" in caplog.text
    assert "private" not in caplog.text


def test_nothing_is_printed(bus: LocalBus, capfd: pytest.CaptureFixture[str]) -> None:
    bus.send(CreateProject("a"))
    assert capfd.readouterr() == ("", "")


def test_a_message_name_belongs_to_one_module() -> None:
    other = type("DoThing", (), {"__module__": "somewhere.else"})
    with pytest.raises(TypeError, match="already taken"):
        register(other)
    assert MESSAGES["DoThing"] is DoThing


def test_a_message_says_its_result() -> None:
    with pytest.raises(TypeError, match="must say its result"):

        class Resultless(Command, route="POST /tests/none", scope="projects:read"):
            """Nothing."""


def test_a_docstring_gives_summary_and_field_texts() -> None:
    assert summary(DoThing) == "Do a thing with two projects."
    assert field_docs(DoThing) == {
        "name": "of the first",
        "other": "of the second, which may be missing.",
        "times": "how often.",
        "stop": "where to stop.",
    }


def test_a_handler_needs_an_open_transaction(bus: LocalBus) -> None:
    with pytest.raises(TypeError, match="inside a transaction"):
        bus.context()


def test_a_result_is_a_value_of_its_type(bus: LocalBus) -> None:
    assert isinstance(bus.send(CreateProject("a")), Project)


class Fetch(Command[str], route="POST /tests/fetched", scope="projects:create"):
    """Fetch something slowly, then keep it."""


@prepares(Fetch)
def fetch_slowly(_command: Fetch, ctx: Context) -> str:
    ctx.bus.send(ListProjects())
    return "fetched"


@handles(Fetch)
def fetch(_command: Fetch, ctx: Context) -> str:
    return f"{ctx.prepared} and kept {ctx.bus.send(CreateProject('kept')).name}"


class Around(Command[str], route="POST /tests/around", scope="projects:create"):
    """Send other messages from inside.

    what: which; project_id: one to look at.
    """

    what: str
    project_id: str | None = None


@handles(Around)
def around(command: Around, ctx: Context) -> str:
    if command.what == "peek":
        return str(ctx.bus.send(Peek()))
    if command.what == "look":
        return ctx.bus.send(GetProject("secret")).name
    return ctx.bus.send(Fetch())


def test_slow_reading_happens_before_the_transaction_and_reaches_the_handler(bus: LocalBus) -> None:
    assert bus.send(Fetch()) == "fetched and kept kept"
    assert bus.send(ListProjects()).total == 1


def test_a_nested_command_is_prepared_too(bus: LocalBus) -> None:
    assert bus.send(Around("fetch")) == "fetched and kept kept"


def test_a_nested_look_at_rows_is_recorded_with_the_command(bus: LocalBus, told: Recorded) -> None:
    assert bus.send(Around("peek")) == "0"
    assert [happening.action for happening in told] == ["Peek", "Around"]


def test_a_refusal_inside_a_command_undoes_it_and_is_recorded_alone(bus: LocalBus, told: Recorded) -> None:
    bus.send(CreateProject("secret"))
    told.clear()
    manager = replace(bus, caller=Caller("m", "max", "local", role="project_manager"))

    with pytest.raises(NotFound, match="There is no project secret"):
        manager.send(Around("look"))

    assert [(happening.action, happening.outcome) for happening in told] == [("GetProject", "refused")]


def test_an_entry_says_which_project_it_concerns(bus: LocalBus, told: Recorded) -> None:
    project = bus.send(CreateProject("secret"))
    bus.send(Around("peek", project_id="secret"))
    assert (told[-1].project_id, told[-1].subject) == (project.id, {"project_id": project.id})
