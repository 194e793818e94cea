"""The tree of errors that every part knows.

XenError
├── InvalidInput      what was sent is wrong; names fields            400
│   └── (features raise their own kinds)
├── NotFound                                                          404
├── Conflict          the state of the thing forbids it               409
├── Unprocessable     understood, but cannot be done                  422
├── Unauthenticated                                                   401
├── Forbidden                                                         403
├── TooLarge          the body has more bytes than the route takes     413
├── NotTaken          a media type or encoding that is not read here  415
├── TooManyRequests                                                   429
└── Unavailable       a part that is needed is away; try again        503
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: `field` is a name or a path in the body."""

    field: str
    message: str


class XenError(Exception):
    """Base of all errors that a client is told about."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}


class InvalidInput(XenError):
    status = 400
    title = "Invalid input"

    def __init__(self, detail: str = "", errors: list[FieldError] | None = None) -> None:
        super().__init__(detail or "; ".join(f"{e.field}: {e.message}" for e in errors or []))
        self.errors = errors or []


class Unauthenticated(XenError):
    status = 401
    title = "Not authenticated"


class Forbidden(XenError):
    status = 403
    title = "Not allowed"


class TooLarge(XenError):
    status = 413
    title = "Too large"


class NotTaken(XenError):
    status = 415
    title = "Unsupported media type"


class NotFound(XenError):
    status = 404
    title = "Not found"


class Conflict(XenError):
    status = 409
    title = "Conflict"


class Unprocessable(XenError):
    status = 422
    title = "Cannot be done"


class TooManyRequests(XenError):
    status = 429
    title = "Too many requests"

    def __init__(self, detail: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(XenError):
    status = 503
    title = "Temporarily unavailable"

    def __init__(self, detail: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s
