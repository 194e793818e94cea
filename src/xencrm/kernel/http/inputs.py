"""What comes in by body and query, checked the same way for every route."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import NoneType
from typing import Any, cast, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection

from xencrm.kernel.errors import FieldError, InvalidInput, NotTaken
from xencrm.kernel.http import problems
from xencrm.kernel.http.routes import Parameter

Handler = Callable[..., Awaitable[Any]]
HttpRequest = Request[Any, Any, Any]
Connection = ASGIConnection[Any, Any, Any, Any]


def announces_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def check_kind(headers: Mapping[str, str], taken: frozenset[str]) -> None:
    """Raises NotTaken. A body without a media type counts as JSON; a packed one (gzip) is not unpacked."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise NotTaken("Send the body as it is, without Content-Encoding.", {"accept-encoding": "identity"})
    kind = media_type(headers.get("content-type", ""))
    if kind and kind not in taken:
        accepted = ", ".join(sorted(taken))
        raise NotTaken(f"Send {accepted}.", {"accept": accepted})


def media_type(content_type: str) -> str:
    """Without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def check_parameters(connection: Connection, parameters: Sequence[Parameter]) -> None:
    """Raises InvalidInput that names each parameter with something wrong that its type doesn't say."""
    given = [(parameter, _texts(connection, parameter)) for parameter in parameters]
    wrong = ((parameter.name, _fault(parameter, texts)) for parameter, texts in given)
    errors = [FieldError(name, message) for name, message in wrong if message]
    if errors:
        raise InvalidInput(errors=errors)


def _texts(connection: Connection, parameter: Parameter) -> Sequence[str]:
    if parameter.place == "query":
        return connection.query_params.getall(parameter.name, [])
    return [str(connection.path_params.get(parameter.name, ""))]


def _fault(parameter: Parameter, texts: Sequence[str]) -> str | None:
    if len(texts) > 1:
        return "is given more than once"
    if any("\0" in text for text in texts):
        return "NUL is not allowed"
    kinds = get_args(parameter.kind)
    if NoneType in kinds and str not in kinds and "null" in (text.lower() for text in texts):
        return "cannot be null: leave it out"  # the framework would read it as None
    return None


def reading(handler: Handler, kind: Any) -> Handler:
    """The handler with its `data` decoded as strictly, and with the same errors, as on the lean way in.

    A body that has a default may be left out.
    """
    decoder = msgspec.json.Decoder(kind)
    taken = inspect.signature(handler).parameters
    default = taken["data"].default

    async def read(*, request: HttpRequest, **others: Any) -> Any:
        body = await request.body()
        is_left_out = not body and default is not inspect.Parameter.empty
        data = default if is_left_out else problems.decode(decoder, body)
        own = {"request": request} if "request" in taken else {}
        return await handler(data=data, **own, **others)

    hints = get_type_hints(handler, include_extras=True) | {"request": HttpRequest}
    names = [name for name in taken if name not in ("data", "request")]
    signed = cast(Any, read)
    signed.__annotations__ = {name: hints[name] for name in (*names, "request", "return")}
    signed.__signature__ = inspect.Signature(
        [
            inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=HttpRequest),
            *(taken[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in names),
        ]
    )
    return read
