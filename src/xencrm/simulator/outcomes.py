"""What becomes of a hand-over, and how it is drawn."""

from enum import IntEnum
from random import Random
from typing import Final, Literal

Status = Literal["accepted", "delivered", "failed"]


class Outcome(IntEnum):
    """Kept on disk by number. Up to SPAM_DETECTED the message was taken; the others may be tried again."""

    DELIVERED = 1
    INVALID_EMAIL = 2
    EMAIL_BOUNCED = 3
    SPAM_DETECTED = 4
    RATE_LIMITED = 5
    TEMPORARY_FAILURE = 6
    QUOTA_EXCEEDED = 7


FAILURES: Final = tuple(outcome for outcome in Outcome if outcome is not Outcome.DELIVERED)
LAST_TAKEN: Final = int(Outcome.SPAM_DETECTED)
FATE_BITS: Final = 15
TOLD_LATER: Final = 16


def draw(random: Random, success_rate: float, *, told_later: bool) -> int:
    """A new hand-over's code: the outcome, and TOLD_LATER where a taken message's fate comes by webhook."""
    outcome = Outcome.DELIVERED if random.random() < success_rate else random.choice(FAILURES)
    return outcome | TOLD_LATER if told_later and outcome <= LAST_TAKEN else int(outcome)


def is_taken(code: int) -> bool:
    return code & FATE_BITS <= LAST_TAKEN


def is_told_later(code: int) -> bool:
    return bool(code & TOLD_LATER)


def fate(code: int) -> tuple[Status, str | None]:
    """The status and reason that a webhook tells."""
    outcome = Outcome(code & FATE_BITS)
    return ("delivered", None) if outcome is Outcome.DELIVERED else ("failed", outcome.name)


def _answer(code: int) -> tuple[Status, str | None]:
    return ("accepted", None) if is_told_later(code) else fate(code)


_CODES = [int(outcome) for outcome in Outcome]
ANSWERS: Final = {code: _answer(code) for code in (*_CODES, *(code | TOLD_LATER for code in _CODES))}
