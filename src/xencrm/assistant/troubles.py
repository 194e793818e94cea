"""Why there is no answer, in words for the person who waits for it."""

from typing import Final

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelTimeoutError,
    OutputTokenLimitExceeded,
    UsageLimitExceeded,
)

TOO_LONG: Final = "The conversation has become too long for the model. Start over."
REFUSED_KEY: Final = (
    "The model's server refuses our key. Whoever runs XenCRM has to look at XENCRM_ASSISTANT_API_KEY."
)
UNKNOWN: Final = (
    "The model's server does not know the model. Whoever runs XenCRM has to look at XENCRM_ASSISTANT_MODEL."
)
BUSY: Final = "The model's server is asked too much, or its quota is used up. Wait a little, then ask again."
SLOW: Final = "The model took too long. Ask again, or for a smaller part."
AWAY: Final = "The model's server cannot be reached. Ask again in a moment."
STEPS: Final = "This would have taken too many steps. Ask for a smaller part."
CUT: Final = "The answer was too long and has been cut. Ask for a shorter one."
FILTERED: Final = "The model's maker has filtered the answer out. Ask in other words."
BROKEN: Final = (
    "The assistant cannot answer this. Ask in other words, or start over; the assistant's log says more."
)

_BY_KIND: Final = (
    (ModelContextWindowExceededError, TOO_LONG),
    (ModelAuthenticationError, REFUSED_KEY),
    (ModelNotFoundError, UNKNOWN),
    ((ModelRateLimitError, ModelQuotaExceededError), BUSY),
    ((ModelTimeoutError, ModelRequestTimeout, TimeoutError), SLOW),
    (ModelConnectionError, AWAY),
    (UsageLimitExceeded, STEPS),
    (OutputTokenLimitExceeded, CUT),
    (ContentFilterError, FILTERED),
)
_BY_STATUS: Final = {401: REFUSED_KEY, 403: REFUSED_KEY, 404: UNKNOWN, 413: TOO_LONG, 429: BUSY}


def words_of(error: Exception) -> str:
    """Of something that the model's library has raised."""
    for kind, words in _BY_KIND:
        if isinstance(error, kind):
            return words
    status = getattr(error, "status_code", None)
    if status is None:
        return AWAY if isinstance(error, ModelAPIError) else BROKEN
    answered = f" (The model's server answered {status}.)"
    return _BY_STATUS.get(status, AWAY if status >= 500 else BROKEN) + answered
