"""Examples out of JSON schemas: what they give themselves, else something plausible of the type."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TEXTS: Final = {
    "uuid": "0199f2d4-7c1e-7b2a-9d3c-5a1b2c3d4e5f",
    "date-time": "2024-03-14T09:26:53Z",
    "date": "2024-03-14",
    "decimal": "120.50",
}
REFERENCE: Final = "#/components/schemas/"


def example_of(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """An example that fits the schema; a property whose `examples` are empty is left out of its object."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(REFERENCE)], components)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("const", "default"):
        if schema.get(key) not in (None, "", []):
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options and "type" not in schema:
        return example_of(next(each for each in options if each != {"type": "null"}), components)
    return _of_type(schema, components)


def _of_type(schema: Schema, components: Mapping[str, Schema]) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {}).items()
            return {
                name: example_of(each, components) for name, each in properties if each.get("examples") != []
            }
        case "array":
            return [example_of(schema["items"], components)] if "items" in schema else []
        case "string":
            return _TEXTS.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return {}
