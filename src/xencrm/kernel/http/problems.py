"""RFC 9457 problem documents, made from errors in one place."""

import math
import re
from typing import Any

import msgspec

from xencrm.kernel.database import is_transient, sqlstate_of
from xencrm.kernel.errors import FieldError, InvalidInput, TooManyRequests, Unavailable, XenError
from xencrm.kernel.messaging.broker import BrokerUnavailable

CONTENT_TYPE = "application/problem+json"
_DATA_CLASS = "22"  # of SQLSTATE: data exceptions
_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_OURS = re.compile(r"^(?P<field>[a-z_]+): (?P<message>.*)$", re.DOTALL)
_NAMED = re.compile(r"(?:missing required|unknown) field `(?P<field>[^`]+)`")


class Problem(msgspec.Struct, omit_defaults=True):
    """The body of an error answer."""

    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = []
    type: str = "about:blank"


def of_error(error: XenError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to an error."""
    errors = error.errors if isinstance(error, InvalidInput) else []
    problem = Problem(title=error.title, status=error.status, detail=error.detail, errors=errors)
    headers = {"content-type": CONTENT_TYPE, **error.headers}
    if isinstance(error, Unavailable | TooManyRequests):
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return error.status, headers, msgspec.json.encode(problem)


def translated(error: Exception) -> XenError | None:
    """The error that a client is told about, or None for one that is nobody's business but ours."""
    if isinstance(error, XenError):
        return error
    if isinstance(error, BrokerUnavailable):
        return Unavailable(
            "The message broker cannot take events now; try again, best with an Idempotency-Key."
        )
    if isinstance(error, msgspec.ValidationError):
        return InvalidInput(errors=[field_error(error)])
    if isinstance(error, msgspec.DecodeError | RecursionError):
        return InvalidInput("The body is not valid JSON.", [FieldError("body", str(error))])
    if is_transient(error):
        return Unavailable("The database cannot be reached now.")
    if (sqlstate_of(error) or "").startswith(_DATA_CLASS):
        return InvalidInput("A value cannot be kept or looked for, such as a text with NUL in it.")
    return None


def field_error(error: msgspec.ValidationError) -> FieldError:
    """Names the field or path that a msgspec error is about."""
    match = _AT.match(str(error))
    message, path = (match["message"], match["path"]) if match else (str(error), None)
    prefix = (path or "$").removeprefix("$").removeprefix(".")
    if ours := _OURS.match(message):
        return FieldError(_join(prefix, ours["field"]), ours["message"])
    if named := _NAMED.search(message):
        return FieldError(_join(prefix, named["field"]), message)
    return FieldError(prefix or "body", message)


def _join(prefix: str, field: str) -> str:
    return f"{prefix}.{field}" if prefix else field


def decode(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:
    """Decodes a body. Raises InvalidInput that names what is wrong."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidInput(errors=[field_error(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON.", [FieldError("body", str(error))]) from error
