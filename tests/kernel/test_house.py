"""House rules that every message, permission, error, table and event obeys."""

from __future__ import annotations

import inspect
import re
import typing
from collections import Counter
from typing import Any

import pytest

import dms_workbench.surfaces.service  # noqa: F401  registers the service's errors
from dms_workbench import Workbench
from dms_workbench.kernel import store
from dms_workbench.kernel.bus import HANDLERS
from dms_workbench.kernel.errors import WorkbenchError
from dms_workbench.kernel.facade import facades, operations
from dms_workbench.kernel.lazy import load_all
from dms_workbench.kernel.locators import LOCATORS, located_fields
from dms_workbench.kernel.messages import MESSAGES, Command, Message, Query, field_docs, field_types, summary
from dms_workbench.kernel.rest import in_query, other_fields, path_fields
from dms_workbench.kernel.scopes import LEVELS, OWN, roles, scopes
from dms_workbench.kernel.wire import schema

load_all()
OURS = [message for message in MESSAGES.values() if message.__module__.startswith("dms_workbench.")]
AREAS = {"project", "connection", "schema", "migration", "analytics", "admin"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
every_message = pytest.mark.parametrize("message", OURS, ids=lambda message: message.__name__)


def all_errors(root: type[WorkbenchError] = WorkbenchError) -> set[type[WorkbenchError]]:
    below = {error for error in root.__subclasses__() if error.__module__.startswith("dms_workbench.")}
    return below.union(*(all_errors(error) for error in below))


@every_message
def test_a_message_has_a_docstring_that_documents_each_field(message: type[Message[Any]]) -> None:
    assert message.__doc__
    assert "docstring" not in summary(message)
    assert not message.__doc__.startswith(f"{message.__name__}("), "the docstring is the one dataclass made"
    assert set(field_docs(message)) == set(field_types(message))


@every_message
def test_a_message_has_one_handler_that_gives_its_result(message: type[Message[Any]]) -> None:
    handler = HANDLERS[message]
    result = eval(handler.__annotations__["return"], vars(inspect.getmodule(handler)))
    assert (type(None) if result is None else result) == message.use_case.result
    assert list(inspect.signature(handler).parameters)[1] == "ctx"


@every_message
def test_a_message_needs_a_permission_that_exists(message: type[Message[Any]]) -> None:
    assert message.use_case.scope in scopes()


@every_message
def test_a_field_that_ends_in_id_has_a_locator(message: type[Message[Any]]) -> None:
    assert set(located_fields(message)) <= set(LOCATORS)


@every_message
def test_a_field_names_one_thing_at_a_time(message: type[Message[Any]]) -> None:
    assert [name for name in field_types(message) if name.endswith("_ids")] == [], "the bus locates single things only"


@every_message
def test_what_is_left_out_of_a_query_string_is_the_default(message: type[Message[Any]]) -> None:
    if in_query(message):
        for name in other_fields(message):
            nullable = type(None) in typing.get_args(field_types(message)[name])
            assert not nullable or inspect.signature(message).parameters[name].default is None


@every_message
def test_a_route_is_well_formed_and_its_fields_exist(message: type[Message[Any]]) -> None:
    use_case = message.use_case
    assert use_case.method in METHODS
    assert re.fullmatch(r"(/([a-z][a-z0-9-]*|\{\w+\}))+", use_case.path)
    assert set(re.findall(r"\{(\w+)\}", use_case.path)) == set(path_fields(message))
    assert use_case.method != "GET" or issubclass(message, Query)


@every_message
def test_a_message_is_a_command_or_a_query_and_describes_itself(message: type[Message[Any]]) -> None:
    assert issubclass(message, Command | Query)
    assert schema(message)["additionalProperties"] is False


def test_no_two_messages_share_a_route() -> None:
    routes = Counter(f"{m.use_case.method} {re.sub(r'{.*?}', '{}', m.use_case.path)}" for m in OURS)
    assert [route for route, times in routes.items() if times > 1] == []


def test_every_message_is_published_on_the_facade_once() -> None:
    published = Counter(operations(Workbench).values())
    assert set(published) == set(OURS)
    assert max(published.values()) == 1


def test_every_facade_says_what_it_is_for() -> None:
    assert all(facade.__doc__ for facade in facades(Workbench).values())


def test_a_feature_folder_is_its_facade_attribute() -> None:
    for (attribute, _), message in operations(Workbench).items():
        assert message.__module__.split(".")[2] == attribute


@pytest.mark.parametrize("scope", scopes().values(), ids=lambda scope: scope.name)
def test_a_permission_has_a_sentence_an_area_and_an_access(scope: Any) -> None:
    assert re.fullmatch(r"[A-Z].+\.", scope.sentence)
    assert scope.area in AREAS | {OWN}
    assert scope.access in LEVELS[1:]


@pytest.mark.parametrize("role", roles().values(), ids=lambda role: role.name)
def test_a_role_says_its_access_to_every_area(role: Any) -> None:
    assert set(role.areas) == AREAS
    assert set(role.areas.values()) <= set(LEVELS)
    assert role.also <= set(scopes())


@pytest.mark.parametrize("error", sorted(all_errors(), key=str), ids=lambda e: e.__name__)
def test_an_error_has_a_sentence_and_survives_the_wire(error: type[WorkbenchError]) -> None:
    assert error.__doc__
    again = WorkbenchError.from_dict(error().as_dict())
    assert again.code == error.code
    assert again.message == error().message


def test_every_error_that_differs_has_a_code_of_its_own() -> None:
    without = [error.__name__ for error in all_errors() if WorkbenchError.by_code[error.code] is not error]
    assert without == []


def test_every_row_of_the_store_carries_its_organisation() -> None:
    without = [table.name for table in store.metadata.sorted_tables if "organisation_id" not in table.c]
    assert without == []
