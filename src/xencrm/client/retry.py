"""When a call is made again, and after how long."""

import random
from dataclasses import dataclass

from xencrm.client.errors import ClientError, ConnectionLost, TooManyRequests, Unavailable


@dataclass(frozen=True)
class RetryPolicy:
    """Pauses double from `base_s` to `most_s`, with jitter, for `budget_s` in all; 0 never repeats."""

    budget_s: float = 30.0
    base_s: float = 0.1
    most_s: float = 5.0

    def pause(self, error: ClientError, attempt: int) -> float:
        """Seconds to wait after the given attempt: what the service asks for, else backoff."""
        asked = getattr(error, "retry_after_s", None)
        backoff = min(self.most_s, self.base_s * 2.0 ** min(attempt - 1, 16))
        jittered = backoff * random.uniform(0.5, 1.0)
        return jittered if asked is None else max(float(asked), jittered)


def may_repeat(error: ClientError, *, repeatable: bool, reached: bool) -> bool:
    """`repeatable`: the same call twice has one effect. `reached`: this client has had an answer before.

    A 429 took nothing. A 503 or a lost connection may have had its effect. A connection that could not be
    opened is tried again only when it could be before: a wrong address should fail at once.
    """
    match error:
        case TooManyRequests():
            return True
        case Unavailable():
            return repeatable
        case ConnectionLost(sent=False):
            return reached
        case ConnectionLost():
            return repeatable
        case _:
            return False
