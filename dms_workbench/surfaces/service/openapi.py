"""The OpenAPI document: fields, results, errors and examples, all from the messages and their docstrings."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ...kernel.errors import NotPermitted, NotSignedIn, WorkbenchError
from ...kernel.facade import operations
from ...kernel.messages import Message, field_docs
from ...kernel.rest import PREFIX, in_query, other_fields, path_fields
from ...kernel.scopes import scopes
from ...kernel.wire import Invalid, adapter
from ...workbench import Workbench
from .problems import MEDIA_TYPE, problem

REFERENCE = "#/components/schemas/{model}"
ALWAYS: tuple[type[WorkbenchError], ...] = (Invalid, NotSignedIn, NotPermitted)


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document, made once for an application."""
    if app.openapi_schema is None:
        content = get_openapi(title=app.title, version=app.version, routes=app.routes)
        fields, components = schemas()
        for (group, operation), message in operations(Workbench).items():
            path = content["paths"][f"{PREFIX}{message.use_case.path}"][message.use_case.method.lower()]
            path.update(described(message, fields[f"{group}.{operation}"], fields[f"{group}.{operation}:result"]))
        content["components"] = {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        }
        app.openapi_schema = content
    return app.openapi_schema


@cache
def schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """The schemas of every message and result, and the definitions they share."""
    from pydantic import TypeAdapter

    wanted: list[tuple[str, Any, TypeAdapter[Any]]] = []
    for (group, operation), message in operations(Workbench).items():
        wanted.append((f"{group}.{operation}", "validation", adapter(message)))
        wanted.append((f"{group}.{operation}:result", "serialization", adapter(message.use_case.result)))
    by_key, shared = TypeAdapter.json_schemas(wanted, ref_template=REFERENCE)
    components = shared.get("$defs", {})
    return {key: resolved(found, components) for (key, _), found in by_key.items()}, components


def resolved(found: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A schema itself, where only a reference to it was given."""
    name = found.get("$ref", "").rpartition("/")[2]
    entry: dict[str, Any] = components.get(name, found)
    return entry


def described(message: type[Message[Any]], schema: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """What the document says about one message."""
    scope = message.use_case.scope
    said: dict[str, Any] = {
        "description": f"{message.__doc__}\n\nNeeds the permission `{scope}`: {scopes()[scope].sentence}",
        "security": [{"token": []}],
        "parameters": parameters(message, schema),
        "responses": responses(message, result),
    }
    if not in_query(message) and other_fields(message):
        said["requestBody"] = request_body(message, schema)
    return said


def parameters(message: type[Message[Any]], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields in the path, and for GET and DELETE those in the query."""
    in_path = [(name, "path") for name in path_fields(message)]
    inside = in_path + ([(name, "query") for name in other_fields(message)] if in_query(message) else [])
    docs, required = field_docs(message), schema.get("required", [])
    return [
        {
            "name": name,
            "in": place,
            "required": name in required,
            "description": docs.get(name, ""),
            "schema": schema["properties"][name],
        }
        for name, place in inside
    ]


def request_body(message: type[Message[Any]], schema: dict[str, Any]) -> dict[str, Any]:
    """The other fields, as a JSON object with an example."""
    docs = field_docs(message)
    names = other_fields(message)
    properties = {name: {**schema["properties"][name], "description": docs.get(name, "")} for name in names}
    required = [name for name in schema.get("required", []) if name in names]
    content = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        content["required"] = required
    example = {name: example_of(name, properties[name]) for name in required}
    return {"required": bool(required), "content": {"application/json": {"schema": content, "example": example}}}


def example_of(name: str, schema: dict[str, Any]) -> Any:
    """A value that shows what a field looks like: its default, a choice of it, or one by its type."""
    if "default" in schema:
        return schema["default"]
    plain = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True, "array": [], "object": {}}
    return plain.get(schema.get("type", ""), name.removesuffix("_id"))


def responses(message: type[Message[Any]], result: dict[str, Any]) -> dict[str, Any]:
    """The result, and each error under its status with its sentence as the example."""
    documented: dict[str, Any] = {
        "200": {"description": "The result.", "content": {"application/json": {"schema": result}}}
    }
    for error in (*message.use_case.raises, *ALWAYS):
        entry = documented.setdefault(
            str(error.status),
            {"description": HTTPStatus(error.status).phrase, "content": {MEDIA_TYPE: {"examples": {}}}},
        )
        entry["content"][MEDIA_TYPE]["examples"][error.code] = {"value": problem(error())}
    return documented
