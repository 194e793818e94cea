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
AWAY_HERE: Final = "A part of XenCRM is away: tell the person to ask again in a moment."


def explained(error: ClientError, hint: str = "", *, writes: bool = False, by_card: bool = False) -> str:
    """`hint`: what to do about a refusal, as the tool knows it. `writes`: so that twice may be once too
    often. `by_card`: as of a desk."""
    match error:
        case Unauthenticated() if by_card:
            advice = "The person is not signed in any more. Don't try again: tell them to sign in."
        case Unauthenticated():
            advice = "Don't try again: ask the person to put a working API key into this client's settings."
        case Forbidden():
            who = "The person" if by_card else "This API key"
            advice = f"{who} may not do that. Don't try again: tell the person what you wanted to do."
        case TooManyRequests():
            advice = f"Wait {error.retry_after_s or 1:.0f} s, then try again."
        case ConnectionLost(sent=sent):
            return _away(error, maybe_done=sent and (writes or not by_card), by_card=by_card)
        case Problem(status=status) if status >= 500:
            return _away(error, maybe_done=writes, by_card=by_card)
        case UnexpectedAnswer():
            advice = "The client and the services are of different versions: tell the person."
        case BadRequest():
            advice = f"Correct the arguments and call again. {hint}"
        case _:
            advice = hint
    return f"{_sentence(str(error))} {advice}".strip()


def _away(error: ClientError, *, maybe_done: bool, by_card: bool) -> str:
    """Where the services are is for programs that reach them by themselves."""
    said = [AWAY_HERE if by_card else AWAY, *([MAYBE_DONE] if maybe_done else [])]
    return " ".join([*said, *([] if by_card else [f"({error})"])])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
