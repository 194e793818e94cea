"""One call to a vendor: whatever happens becomes an answer for each message, and a word on the vendor."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from xencrm.campaigns.delivery.vendor import (
    Answer,
    InDoubt,
    Outgoing,
    Refused,
    Throttled,
    Unanswered,
    Unsent,
    Vendor,
    VendorDown,
)

VENDORS_SHARE = 0.9
TOO_LATE = "no time was left for the call"


class Trouble(Struct, frozen=True):
    """Why a vendor is left alone; `pause_s` when it asked for that itself.

    `suspected`: each message was refused, and may have itself to blame.
    """

    reason: str
    pause_s: float | None = None
    suspected: bool = False


async def call(vendor: Vendor, messages: Sequence[Outgoing], deadline: float) -> list[Answer]:
    """The vendor is told to be done somewhat earlier, so that it can still say which messages left.

    Who was held up until the deadline does not call any more: the lease may be over.
    """
    left_s = deadline - asyncio.get_running_loop().time()
    if left_s <= 0:
        return [Unsent(TOO_LATE)] * len(messages)
    try:
        async with asyncio.timeout_at(deadline):
            return await vendor.send(messages, timeout_s=left_s * VENDORS_SHARE)
    except Throttled as throttled:
        return [Unsent(str(throttled), throttled.retry_after_s)] * len(messages)
    except VendorDown as down:
        return [Unsent(str(down))] * len(messages)
    except (InDoubt, TimeoutError) as doubt:
        return [Unanswered(repr(doubt))] * len(messages)


def find_trouble(answers: Sequence[Answer]) -> Trouble | None:
    """A vendor that asks for a pause, or answers no message of a call, is left alone."""
    asked = [answer for answer in answers if isinstance(answer, Unsent) and answer.pause_s > 0]
    if asked:
        longest = max(asked, key=lambda answer: answer.pause_s)
        return Trouble(longest.reason, longest.pause_s)
    silent = [said for answer in answers if (said := _silence(answer))]
    if not silent or len(silent) < len(answers):
        return None
    return Trouble(silent[0], suspected=all(isinstance(answer, Refused) for answer in answers))


def is_late(answers: Sequence[Answer]) -> bool:
    """Whether it was for us that nothing was called, which says nothing of the vendor."""
    return bool(answers) and all(
        isinstance(answer, Unsent) and answer.reason is TOO_LATE for answer in answers
    )


def _silence(answer: Answer) -> str:
    """Why the vendor did not answer for the message; nothing if it did."""
    if isinstance(answer, Refused):
        return answer.suspicion
    return (answer.reason or "no answer") if isinstance(answer, Unsent | Unanswered) else ""
