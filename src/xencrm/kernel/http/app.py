"""The Litestar application of a service, made from its table of routes."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from http import HTTPStatus
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Guard

from xencrm import __name__ as package
from xencrm.kernel.errors import (
    FieldError,
    Forbidden,
    InvalidInput,
    TooLarge,
    Unauthenticated,
    Unavailable,
    XenError,
)
from xencrm.kernel.http import problems
from xencrm.kernel.http.asking import Asking, set_asking
from xencrm.kernel.http.inputs import (
    Connection,
    HttpRequest,
    announces_body,
    check_kind,
    check_parameters,
    reading,
)
from xencrm.kernel.http.openapi import described
from xencrm.kernel.http.principals import (
    ADMINISTERING,
    SAFE_METHODS,
    Access,
    Principal,
    Role,
    authorize,
    check_role,
    identify,
)
from xencrm.kernel.http.routes import API, JSON, Route, bodies_of, needs_body, parameters_of
from xencrm.kernel.http.secured import Secured, give_cookies
from xencrm.kernel.logging import get_logger

log = get_logger(package)

# What handlers may ask for by name, beside the values that build_app is given
Caller = NamedDependency[Principal]


def build_app(
    *,
    title: str,
    routes: Sequence[Route],
    access: Access,
    provide: Mapping[str, Any],
    is_ready: Callable[[], Awaitable[None]],
    links: Sequence[Route] = (),
    https: bool = False,
) -> Litestar:
    """`provide` are the values that handlers may ask for by name; `is_ready` raises when a part is away.

    `links` are answered at the root and are in no API document: what people follow, not programs.
    `https`: it is only reached by https.
    """
    under_api = [replace(route, path=API + route.path) for route in routes]
    table = [*under_api, *links, *_keyless(title, routes, is_ready)]
    table = [*_options(table), *table]  # these first, or the framework adds its own
    return Litestar(
        route_handlers=[_handler(route, access) for route in table],
        dependencies={
            "principal": Provide(_principal, sync_to_thread=False),
            **{name: Provide(_constant(value), sync_to_thread=False) for name, value in provide.items()},
        },
        exception_handlers={Exception: render_error},
        before_send=[Secured(https=https)],
        openapi_config=None,
        logging_config=None,
    )


def _keyless(title: str, routes: Sequence[Route], is_ready: Callable[[], Awaitable[None]]) -> Iterator[Route]:
    """What every process tells of itself to whoever asks."""

    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    async def readyz() -> dict[str, str]:
        try:
            await is_ready()
        except Exception as error:
            log.warning("http.not_ready", reason=repr(error))
            raise Unavailable("not ready") from error
        return {"status": "ready"}

    @cache
    def api_document() -> bytes:
        return described(title, routes)

    async def openapi() -> Response[bytes]:
        return Response(api_document(), media_type=JSON)

    for path, handler in {"/healthz": healthz, "/readyz": readyz, "/api/openapi.json": openapi}.items():
        yield Route("GET", path, handler, None)


def render_error(request: HttpRequest, error: Exception) -> Response[bytes]:
    known = problems.translated(_own(error, request))
    if known is None:
        log.error("http.failed", path=request.url.path, method=request.method, exc_info=error)
        known = XenError("Something went wrong on our side; it has been logged.")
    status, headers, body = problems.of_error(known)
    return Response(body, status_code=status, headers=headers, media_type=problems.CONTENT_TYPE)


def _own(error: Exception, request: HttpRequest) -> Exception:
    """The framework's errors as ours."""
    if isinstance(error, HTTPException) and error.status_code == 413:
        most = request.route_handler.opt["body_bytes"]
        return TooLarge(f"The body may have at most {most:,} bytes.")
    if isinstance(error, ValidationException):
        return InvalidInput(errors=_field_errors(error))
    if isinstance(error, InternalServerException) and "disconnected" in error.detail:
        return InvalidInput("The body ended early.")
    if isinstance(error, HTTPException):
        own = XenError(error.detail, _headers(error))
        own.status, own.title = error.status_code, HTTPStatus(error.status_code).phrase
        return own
    return error


def _headers(error: HTTPException) -> dict[str, str]:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if "allow" in headers:
        headers["allow"] = _with_head(headers["allow"].split(", "))
    return headers


def _field_errors(error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    found = [_field_error(str(item.get("key", "data")), str(item.get("message", ""))) for item in extra]
    return found or [FieldError("body", error.detail)]


def _field_error(key: str, message: str) -> FieldError:
    """`data` is the framework's word for the body as a whole; the message knows the field then."""
    if key != "data":
        return FieldError(key, message)
    return problems.field_error(msgspec.ValidationError(message))


def _handler(route: Route, access: Access) -> HTTPRouteHandler:
    guards = [] if route.allowed is None else [_access_guard(route, route.allowed, access)]
    kinds = bodies_of(route)
    is_decoded = kinds and route.body is None
    return HTTPRouteHandler(
        route.path,
        http_method=route.method,  # type: ignore[arg-type]
        status_code=route.status,
        guards=[*guards, _input_guard(route)],
        opt={"allowed": route.allowed, "body_bytes": route.body_bytes},
        request_max_body_size=route.body_bytes,
    )(reading(route.handler, kinds[JSON]) if is_decoded else route.handler)


def _options(table: Sequence[Route]) -> list[Route]:
    """What may be asked of each path, told to whoever may ask something there."""
    by_path: dict[str, list[Route]] = {}
    for route in table:
        by_path.setdefault(route.path, []).append(route)
    return [_options_of(path, routes) for path, routes in by_path.items()]


def _options_of(path: str, routes: Sequence[Route]) -> Route:
    allow = _with_head({route.method for route in routes} | {"OPTIONS"})
    keyless = any(route.allowed is None for route in routes)

    async def options() -> Response[None]:
        return Response(None, status_code=204, headers={"allow": allow})

    return Route("OPTIONS", path, options, None if keyless else frozenset(Role), 204)


def _with_head(methods: Collection[str]) -> str:
    """For a header Allow: HEAD is answered wherever GET is."""
    return ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))


def _access_guard(route: Route, allowed: frozenset[Role], access: Access) -> Guard:
    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        scope = cast(dict[str, Any], connection.scope)
        fresh = allowed == ADMINISTERING and scope["method"] not in SAFE_METHODS
        principal = await identify(access, scope["method"], connection.headers, fresh=fresh)
        scope["user"] = principal
        if (cookie := await _renewal(access, principal)) is not None:
            give_cookies(connection.scope, cookie)
        check_role(principal, allowed, drafting=route.drafting, unlimited=route.unlimited)
        set_asking(Asking(principal, partial(_is_good, access, connection, allowed)))

    return guard


async def _renewal(access: Access, principal: Principal) -> str | None:
    """The cookie that a person's session goes on with, where it is time for another."""
    if access.sessions is None or principal.session is None:
        return None
    return await access.sessions.renewal(principal)


async def _is_good(access: Access, connection: Connection, allowed: frozenset[Role]) -> bool:
    """Whether the same request would be let in now; also while that cannot be found out."""
    uncounted = Access(access.uncounted or access.keys, access.sessions)
    try:
        await authorize(uncounted, "GET", connection.headers, allowed)
    except (Unauthenticated, Forbidden):
        return False
    except Exception as error:
        log.warning("http.not_asked_again", reason=repr(error))
    return True


def _input_guard(route: Route) -> Guard:
    taken, parameters, is_needed = frozenset(bodies_of(route)), parameters_of(route), needs_body(route)

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if taken and (is_needed or announces_body(connection.headers)):
            check_kind(connection.headers, taken)
        check_parameters(connection, parameters)

    return guard


def _principal(request: Request[Principal, Any, Any]) -> Principal:
    return request.user


def _constant(value: Any) -> Callable[[], Any]:
    def provide() -> Any:
        return value

    return provide
