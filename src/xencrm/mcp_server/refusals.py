"""What went wrong, in words that say what to do next."""

from typing import Final

from xencrm.client.errors import (
    BadRequest,
    ClientError,
    ConnectionLost,
    Forbidden,
    Problem,
    TooManyRequests,
    Unauthenticated,
    UnexpectedAnswer,
)

AWAY: Final = (
    "XenCRM, or the part of it that answers this, is not reachable. Wait a minute and try again. If it "
    "stays so, "
    "tell the person: `xencrm up` starts it, `xencrm doctor` looks closer."
)
MAYBE_DONE: Final = "The request may have had its effect: look before you repeat it."


def explained(error: ClientError, hint: str = "", *, writes: bool = False) -> str:
    """`hint`: what to do about a refusal, as the tool knows it. `writes`: so that twice may be once too
    often."""
    match error:
        case Unauthenticated():
            advice = "Don't try again: ask the person to put a working API key into this client's settings."
        case Forbidden():
            advice = "This API key may not do that. Don't try again: tell the person what you wanted to do."
        case TooManyRequests():
            advice = f"Wait {error.retry_after_s or 1:.0f} s, then try again."
        case ConnectionLost(sent=False):
            return f"{AWAY} ({error})"
        case ConnectionLost():
            return f"{AWAY} {MAYBE_DONE} ({error})"
        case Problem(status=status) if status >= 500:
            return f"{AWAY} {f'{MAYBE_DONE} ' if writes else ''}({error})"
        case UnexpectedAnswer():
            advice = "The client and the services are of different versions: tell the person."
        case BadRequest():
            advice = f"Correct the arguments and call again. {hint}"
        case _:
            advice = hint
    return f"{_sentence(str(error))} {advice}".strip()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
