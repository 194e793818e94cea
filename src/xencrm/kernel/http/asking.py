"""Who asks at the moment, for what is noted and for what lasts longer than a request."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass

from xencrm.kernel.http.principals import Principal

IsGood = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Asking:
    """`is_good` asks again whether the principal may still what it was let in for."""

    principal: Principal
    is_good: IsGood


_ASKING: ContextVar[Asking | None] = ContextVar("asking", default=None)


def set_asking(asking: Asking) -> None:
    """For the request that is being answered."""
    _ASKING.set(asking)


def asking() -> Asking | None:
    """None outside of a request."""
    return _ASKING.get()
