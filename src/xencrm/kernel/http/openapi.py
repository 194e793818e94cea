"""The OpenAPI 3.1 document of a service, made from its table of routes (https://spec.openapis.org/oas/v3.1.1).

Shapes come from msgspec's own schemas, so the document says what is decoded and encoded.
"""

import inspect as python
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from importlib.metadata import version as version_of
from types import NoneType
from typing import Annotated, Any, Final

import msgspec

from xencrm import __name__ as package
from xencrm.kernel.http.examples import REFERENCE, example_of
from xencrm.kernel.http.problems import CONTENT_TYPE, Problem
from xencrm.kernel.http.routes import (
    API,
    JSON,
    NDJSON,
    Header,
    Parameter,
    Route,
    answers_of,
    bodies_of,
    needs_body,
    parameters_of,
    problems_of,
)
from xencrm.kernel.http.shapes import ALSO, NO_NUL, resolved

Document = dict[str, Any]

PROBLEMS: Final = {
    400: "The input is wrong; `errors` names each field.",
    401: "No usable key (or, of a vendor's webhook, no valid signature).",
    403: "The role does not allow it.",
    404: "There is no such thing.",
    409: "The state of the thing forbids it.",
    413: "The body is too large.",
    415: "The body's media type or content encoding is not taken here.",
    422: "Understood, but it cannot be done.",
    429: "Too many requests of this key; try again after `Retry-After` seconds.",
    503: "A part that is needed is away; try again after `Retry-After` seconds.",
}
_RETRY_AFTER: Final = {
    "description": "seconds to wait",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
_HEADERS: Final = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": "Bearer"}}},
    429: {"Retry-After": _RETRY_AFTER},
    503: {"Retry-After": _RETRY_AFTER},
}


def described(title: str, routes: Sequence[Route]) -> bytes:
    """The document of the installed version as JSON; `routes` as they stand in a service's table."""
    under_api = [replace(route, path=API + route.path) for route in routes]
    return msgspec.json.encode(document(title, version_of(package), under_api))


def document(title: str, version: str, routes: Sequence[Route]) -> Document:
    """`routes` with their whole paths."""
    shapes = _Shapes(routes)
    paths: dict[str, Document] = {}
    for route in routes:
        path = re.sub(r":[a-z]+}", "}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "version": version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "responses": {str(status): _problem(status, shapes) for status in PROBLEMS},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "an API key"}},
        },
        "security": [{"key": []}],
    }


class _Shapes:
    """Schemas of all types that the routes speak of."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._kinds = [Problem, *(kind for route in routes for kind in _kinds(route))]
        schemas, components = msgspec.json.schema_components(self._kinds, ref_template=f"{REFERENCE}{{name}}")
        self._schemas = [resolved(schema) for schema in schemas]
        self.components: dict[str, Document] = resolved(components)
        for kind in self._kinds:
            if more := getattr(kind, ALSO, None):
                self.components[self.of(kind)["$ref"].removeprefix(REFERENCE)] |= more

    def of(self, kind: Any) -> Document:
        return dict(self._schemas[self._kinds.index(kind)])

    def content(self, kind: Any, media: str = JSON) -> Document:
        schema = self.of(kind)
        example = example_of(schema, self.components)
        if media != NDJSON:
            return {"schema": schema, "example": example}
        lines = f"{msgspec.json.encode(example).decode()}\n"
        return {
            "schema": {"type": "string", "description": "one row a line, as the items of the array"},
            "example": lines,
        }


def _kinds(route: Route) -> Iterator[Any]:
    yield from bodies_of(route).values()
    yield from answers_of(route).values()
    yield from (_limited(parameter) for parameter in parameters_of(route))


def _operation(route: Route, shapes: _Shapes) -> Document:
    name = route.handler.__name__
    described = python.cleandoc(route.handler.__doc__ or "")
    summary, _, _ = described.partition("\n")
    parameters = [_parameter(each, shapes) for each in parameters_of(route)]
    operation: Document = {
        "operationId": name,
        "tags": [route.path.removeprefix(f"{API}/").partition("/")[0]],
        "summary": name.replace("_", " ").capitalize(),
        "description": described or summary,
        "parameters": parameters + [_header(each) for each in route.headers],
        "responses": _responses(route, shapes),
    }
    if bodies := bodies_of(route):
        content = {media: shapes.content(kind, media) for media, kind in bodies.items()}
        operation["requestBody"] = {"required": needs_body(route), "content": content}
    if route.allowed is None:
        operation["security"] = [{}]
    else:
        operation["x-roles"] = sorted(route.allowed)
    return operation


def _parameter(parameter: Parameter, shapes: _Shapes) -> Document:
    has_default = parameter.default is not python.Parameter.empty
    schema = shapes.of(_limited(parameter))
    if schema.get("type") == "string" and "format" not in schema:
        schema["pattern"] = NO_NUL
    schema |= parameter.limits.schema_extra or {}
    if has_default and parameter.default is not None:
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": not has_default,
        **({"description": parameter.limits.description} if parameter.limits.description else {}),
        "schema": schema,
    }


def _limited(parameter: Parameter) -> Any:
    """The parameter's type with its limits, as msgspec says them. What is left out is not null in a query."""
    given = {
        name: getattr(parameter.limits, name) for name in ("ge", "le", "min_length", "max_length", "pattern")
    }
    limits = {name: value for name, value in given.items() if value is not None}
    kind = parameter.kind
    if NoneType in getattr(kind, "__args__", ()):
        kind = next(each for each in kind.__args__ if each is not NoneType)
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind


def _header(header: Header) -> Document:
    return {
        "name": header.name,
        "in": "header",
        "required": False,
        "description": header.description,
        "schema": header.schema,
        "example": header.example,
    }


def _responses(route: Route, shapes: _Shapes) -> Document:
    good = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            **({} if kind is NoneType else {"content": {route.media: shapes.content(kind, route.media)}}),
        }
        for status, kind in answers_of(route).items()
    }
    problems = {str(status): {"$ref": f"#/components/responses/{status}"} for status in problems_of(route)}
    return good | problems


def _problem(status: int, shapes: _Shapes) -> Document:
    example = {"title": HTTPStatus(status).phrase, "status": status, "type": "about:blank"}
    return {
        "description": PROBLEMS[status],
        **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        "content": {CONTENT_TYPE: {"schema": shapes.of(Problem), "example": example}},
    }
