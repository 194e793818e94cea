"""One OpenAPI document out of those of the services."""

from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]


def merged(documents: Mapping[str, Document], owner_of: Callable[[str], str | None]) -> Document:
    """Takes each path from the service that answers it here; what has one name for two things is renamed."""
    result: Document = {
        "openapi": "3.1.0",
        "info": {"title": "XenCRM", "version": _version(documents)},
        "paths": {},
        "components": {},
    }
    operations: set[str] = set()
    for service, document in documents.items():
        own = _renamed(document, _clashes(result["components"], document.get("components", {})), service)
        for path, item in own.get("paths", {}).items():
            if owner_of(path) == service:
                result["paths"][path] = _with_new_operation_ids(item, operations, service)
        for kind, entries in own.get("components", {}).items():
            result["components"].setdefault(kind, {}).update(entries)
        for key in ("security", "tags"):
            result[key] = [
                *result.get(key, []),
                *(e for e in own.get(key, []) if e not in result.get(key, [])),
            ]
    return result


def _version(documents: Mapping[str, Document]) -> str:
    return next((d["info"]["version"] for d in documents.values() if "version" in d.get("info", {})), "0")


def _clashes(taken: Document, offered: Document) -> set[tuple[str, str]]:
    """(kind, name) of the components that are there already and say something else."""
    return {
        (kind, name)
        for kind, entries in offered.items()
        for name, entry in entries.items()
        if taken.get(kind, {}).get(name, entry) != entry
    }


def _renamed(document: Document, clashes: set[tuple[str, str]], service: str) -> Document:
    """The document with its clashing components, and all that points to them, under new names."""
    references = {f"#/components/{k}/{n}": f"#/components/{k}/{n}_{service}" for k, n in clashes}
    result: Document = _with_references(document, references)
    components = {
        kind: {f"{name}_{service}" if (kind, name) in clashes else name: e for name, e in entries.items()}
        for kind, entries in result.get("components", {}).items()
    }
    return {**result, "components": components}


def _with_references(node: Any, references: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_with_references(entry, references) for entry in node]
    if isinstance(node, dict):
        return {key: _with_references(entry, references) for key, entry in node.items()}
    return references.get(node, node) if isinstance(node, str) else node


def _with_new_operation_ids(item: Document, taken: set[str], service: str) -> Document:
    """Every operation id once in the whole document."""
    result = dict(item)
    for method, operation in item.items():
        name = operation.get("operationId") if isinstance(operation, dict) else None
        if name is not None:
            unique = f"{service}_{name}" if name in taken else name
            taken.add(unique)
            result[method] = {**operation, "operationId": unique}
    return result


def as_3_0(node: Any) -> Any:
    """A 3.1 document in the words of 3.0, which is what the bundled Swagger UI reads."""
    if isinstance(node, list):
        return [as_3_0(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    result = {key: as_3_0(entry) for key, entry in node.items()}
    if isinstance(result.get("openapi"), str):
        result["openapi"] = "3.0.3"
    return _plain_schema(result)


def _plain_schema(schema: Document) -> Document:
    types = schema.get("type")
    if isinstance(types, list):
        schema = {**schema, **_one_type([entry for entry in types if entry != "null"])}
        schema["nullable"] = "null" in types
    for key in ("oneOf", "anyOf"):
        options = schema.get(key)
        if isinstance(options, list) and {"type": "null"} in options:
            schema = {**schema, key: [o for o in options if o != {"type": "null"}], "nullable": True}
    if "const" in schema and not isinstance(schema["const"], dict):
        schema = {**schema, "enum": [schema["const"]]}
        del schema["const"]
    for bound, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(bound), int | float) and not isinstance(schema[bound], bool):
            schema = {**schema, plain: schema[bound], bound: True}
    return schema


def _one_type(types: list[str]) -> Document:
    if len(types) == 1:
        return {"type": types[0]}
    return {"type": None, "anyOf": [{"type": entry} for entry in types]}
