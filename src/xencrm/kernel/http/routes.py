"""A line of a service's table of routes, and what can be read off it."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from litestar import Response
from litestar.params import BodyKwarg, ParameterKwarg
from msgspec import Meta

from xencrm.kernel.http.principals import SAFE_METHODS, Role

API: Final = "/api/v1"
BODY_BYTES: Final = 1_000_000
BATCH_BYTES: Final = 20_000_000
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True)
class Header:
    """A header that counts on a route beside those of every request."""

    name: str
    description: str
    schema: Mapping[str, Any]
    example: str


@dataclass(frozen=True)
class Route:
    """One line of a service's table of routes; `allowed` None means without a key. `drafts`: also for keys
    that may write nothing but drafts; `unlimited`: for no key that has limits.

    For its description: `media`, the type of the good answer; `body`, types by media type, where the handler
    reads the bytes itself; `also`, types by status of further good answers (None: no body); `problems`,
    statuses of errors that others don't have.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    allowed: frozenset[Role] | None
    status: int = 200
    body_bytes: int = BODY_BYTES
    body: Mapping[str, Any] | None = None
    headers: tuple[Header, ...] = ()
    also: Mapping[int, Any] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    media: str = JSON
    drafts: bool = False
    unlimited: bool = False

    @property
    def drafting(self) -> bool:
        """Whether it only shows or drafts."""
        return self.drafts or self.method in SAFE_METHODS or Role.VIEWER in (self.allowed or ())


@dataclass(frozen=True)
class Parameter:
    """A value that a handler takes from the path or the query."""

    name: str
    place: str
    kind: Any
    default: Any
    limits: ParameterKwarg


def rows_of(row: type, most: int) -> Mapping[str, Any]:
    """The body of a batch: a JSON array or NDJSON."""
    return {JSON: Annotated[GenericAlias(list, (row,)), Meta(min_length=1, max_length=most)], NDJSON: row}


def bodies_of(route: Route) -> Mapping[str, Any]:
    """Types of the body by media type; empty for a route that takes none."""
    if route.body is not None:
        return route.body
    decoded = [kind for kind, marks, _ in _taken(route) if any(isinstance(m, BodyKwarg) for m in marks)]
    return {JSON: decoded[0]} if decoded else {}


def needs_body(route: Route) -> bool:
    """False where the handler has a default for what a body would say."""
    bodies = [
        default for _, marks, (_, default) in _taken(route) if any(isinstance(m, BodyKwarg) for m in marks)
    ]
    return all(default is inspect.Parameter.empty for default in bodies)


def parameters_of(route: Route) -> list[Parameter]:
    return [
        Parameter(mark.name or name, mark.param_type.value, kind, default, mark)
        for kind, marks, (name, default) in _taken(route)
        for mark in marks
        if isinstance(mark, ParameterKwarg)
    ]


def answers_of(route: Route) -> dict[int, Any]:
    """Types of the good answers by status; NoneType for one without a body."""
    given = get_type_hints(route.handler, include_extras=True).get("return", NoneType)
    if get_origin(given) is Response:
        given = get_args(given)[0]
    kinds = get_args(given) if isinstance(given, UnionType) else (given,)
    also = {status: kind or NoneType for status, kind in route.also.items()}
    own = [kind for kind in kinds if kind not in also.values()]
    return {route.status: own[0] if own else NoneType, **also}


def problems_of(route: Route) -> tuple[int, ...]:
    """Statuses of the errors that a route can answer with."""
    has_body, parameters = bool(bodies_of(route)), parameters_of(route)
    of_kind = {
        400: has_body or bool(route.headers) or any(each.kind is not UUID for each in parameters),
        401: route.allowed is not None,
        403: route.allowed is not None,
        404: any(parameter.place == "path" for parameter in parameters),
        413: has_body,
        415: has_body,
        429: route.allowed is not None,
        503: True,
    }
    return tuple(sorted({*route.problems, *(status for status, does in of_kind.items() if does)}))


def _taken(route: Route) -> list[tuple[Any, tuple[Any, ...], tuple[str, Any]]]:
    """(type, marks, (name, default)) of what the handler takes, those without a mark left out."""
    hints = get_type_hints(route.handler, include_extras=True)
    defaults = {name: each.default for name, each in inspect.signature(route.handler).parameters.items()}
    marked = {
        name: hint for name, hint in hints.items() if get_origin(hint) is Annotated and name in defaults
    }
    return [(get_args(hint)[0], get_args(hint)[1:], (name, defaults[name])) for name, hint in marked.items()]
