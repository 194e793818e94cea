"""What can go wrong in a call, as exceptions.

ClientError
├── ConnectionLost       no (whole) answer came; `sent` says whether the request may have arrived
├── UnexpectedAnswer     an answer that is not of the contract's shape
└── Problem              the service said no: status, title, detail, errors
    ├── BadRequest 400, Unauthenticated 401, Forbidden 403, NotFound 404
    └── Conflict 409, TooLarge 413, Unprocessable 422, TooManyRequests 429, Unavailable 503
"""

from typing import ClassVar

from msgspec import Struct


class FieldError(Struct, frozen=True):
    """One thing that is wrong in what was sent: `field` is a name or a path."""

    field: str = ""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ClientError(Exception):
    """Base of all errors that the client raises."""


class ConnectionLost(ClientError):
    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


class UnexpectedAnswer(ClientError):
    pass


class Problem(ClientError):
    """An answer of 400 or above. `attempts` counts how often the call was made in all."""

    kinds: ClassVar[dict[int, type["Problem"]]] = {}

    def __init_subclass__(cls, status: int) -> None:
        Problem.kinds[status] = cls

    def __init__(
        self,
        status: int,
        *,
        title: str = "",
        detail: str = "",
        errors: list[FieldError] | None = None,
        retry_after_s: float | None = None,
        attempts: int = 1,
    ) -> None:
        self.status = status
        self.title = title or f"HTTP {status}"
        self.detail = detail
        self.errors = errors or []
        self.retry_after_s = retry_after_s
        self.attempts = attempts
        super().__init__(self._text())

    def _text(self) -> str:
        fields = "; ".join(str(error) for error in self.errors)
        if fields and fields in self.detail:
            fields = ""
        return ": ".join(part for part in (self.title, self.detail, fields) if part)


class BadRequest(Problem, status=400):
    pass


class Unauthenticated(Problem, status=401):
    pass


class Forbidden(Problem, status=403):
    pass


class NotFound(Problem, status=404):
    pass


class Conflict(Problem, status=409):
    pass


class TooLarge(Problem, status=413):
    pass


class Unprocessable(Problem, status=422):
    pass


class TooManyRequests(Problem, status=429):
    pass


class Unavailable(Problem, status=503):
    pass
