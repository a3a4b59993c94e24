"""Write ``widgets/src/messages.ts``: the messages that widgets send, and their results, as TypeScript types.

    python -m dms_workbench.surfaces.widgets.generate [--check] [FILE]

The types come from the JSON schema of the messages, so a renamed field breaks the TypeScript check and not a button.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from ...kernel.messages import Message, field_docs, summary
from ...kernel.wire import adapter

FILE = Path(__file__).parents[3] / "widgets" / "src" / "messages.ts"
HEAD = "// Made by `python -m dms_workbench.surfaces.widgets.generate` from the Python messages. Do not edit.\n"
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with ``--check`` only say whether it is fresh (exit code 1 when it is not)."""
    check, names = "--check" in arguments, [name for name in arguments if not name.startswith("-")]
    file = Path(names[0]) if names else FILE
    wanted = typescript(sent_messages())
    if not check:
        file.write_text(wanted, encoding="utf-8", newline="\n")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stderr.write(f"{file} is not fresh: python -m dms_workbench.surfaces.widgets.generate\n")
    return 1


def sent_messages() -> list[type[Message[Any]]]:
    """Every message that some widget sends, by name."""
    from . import RunWidget

    return sorted({kind for widget in (RunWidget,) for kind in widget.sends}, key=lambda kind: kind.__name__)


def typescript(messages: Iterable[type[Message[Any]]]) -> str:
    """The whole file for these messages."""
    kinds = list(messages)
    inputs, outputs = schemas(kinds), schemas_of_results(kinds)
    parts = [HEAD]
    parts += [interface(name, schema) for name, schema in sorted({**outputs, **inputs}.items())]
    table = [f"  {kind.__name__}: {{ fields: {kind.__name__}; result: {result_type(kind)} }};" for kind in kinds]
    parts.append(
        "/** Each message by its name: its fields and its result. */\nexport interface Messages {\n"
        + "\n".join(table)
        + "\n}\n"
    )
    return "\n".join(parts)


def json_schema(kind: Any, mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    """The JSON schema of a type on its way in (validation) or out (serialization)."""
    return adapter(kind).json_schema(mode=mode)


def schemas(kinds: Sequence[type[Message[Any]]]) -> dict[str, dict[str, Any]]:
    """The messages and what their fields are made of, by name."""
    found: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        schema = json_schema(kind, "validation")
        found |= schema.pop("$defs", {})
        found[kind.__name__] = {**schema, "description": summary(kind), "documents": field_docs(kind)}
    return found


def schemas_of_results(kinds: Sequence[type[Message[Any]]]) -> dict[str, dict[str, Any]]:
    """What the results are made of, by name."""
    found: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        schema = json_schema(kind.use_case.result, "serialization")
        found |= schema.pop("$defs", {})
        if "properties" in schema:
            found[schema["title"]] = schema
    return found


def result_type(kind: type[Message[Any]]) -> str:
    """The type of a message's result."""
    schema = json_schema(kind.use_case.result, "serialization")
    return str(schema["title"]) if "properties" in schema else type_of(schema)


def interface(name: str, schema: dict[str, Any]) -> str:
    """One interface; a schema that is not an object becomes a type."""
    about = inspect.cleandoc(schema.get("description", "")).partition("\n")[0]
    head = f"{comment(about)}\n" if about else ""
    if "properties" not in schema:
        return f"{head}export type {name} = {type_of(schema)};\n"
    documents, required = schema.get("documents", {}), schema.get("required", [])
    lines = []
    for field, value in schema["properties"].items():
        if field in documents:
            lines.append(f"  {comment(documents[field])}")
        lines.append(f"  {field}{'' if field in required else '?'}: {type_of(value)};")
    return f"{head}export interface {name} {{\n" + "\n".join(lines) + "\n}\n"


def comment(text: str) -> str:
    """A sentence as a comment that it cannot end by itself."""
    return f"/** {text.replace('*/', '* /')} */"


def type_of(schema: dict[str, Any]) -> str:
    """A JSON schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema or "enum" in schema:
        return " | ".join(quoted(value) for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema or "oneOf" in schema:
        return " | ".join(dict.fromkeys(type_of(part) for part in schema.get("anyOf") or schema["oneOf"]))
    if schema.get("type") == "array":
        return array_of(schema)
    if schema.get("type") == "object":
        values = schema.get("additionalProperties", True)
        return f"Record<string, {type_of(values) if isinstance(values, dict) else 'unknown'}>"
    return SIMPLE.get(str(schema.get("type")), "unknown")


def array_of(schema: dict[str, Any]) -> str:
    """A list, or a tuple of fixed length."""
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(item) for item in schema['prefixItems'])}]"
    inner = type_of(schema.get("items") or {})
    return f"({inner})[]" if " " in inner else f"{inner}[]"


def quoted(value: object) -> str:
    """A constant as TypeScript writes it."""
    import json

    return json.dumps(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
