"""What a receipt does to a message. Pure.

Receipts are ordered by (attempt, rank): one moves the state only when its attempt is the message's present
one. Two exceptions: DELIVERED of any attempt, and any answer to an UNCONFIRMED message. The first final
state wins; what comes later is only recorded. A complaint says that the message was delivered. Of who was
held out nothing moves.
"""

import random
from typing import Final

from msgspec import Struct

from xencrm.campaigns.delivery.model import EMAIL_BOUNCED, FINAL, IN_DOUBT, State
from xencrm.contracts.receipts import Outcome


class Standing(Struct, frozen=True):
    """Where a message stands. `retry_after_s`: a refused message is not sent again before."""

    state: State
    attempt: int
    reason: str | None = None
    retry_after_s: float | None = None


class RetryPolicy(Struct, frozen=True):
    """Exponential backoff with full jitter over the upper half."""

    max_attempts: int
    base_s: float
    most_s: float = 3600.0

    def pause_s(self, attempt: int) -> float:
        """Seconds after the refusal of an attempt, which counts from 1."""
        return min(self.base_s * 2.0 ** (attempt - 1), self.most_s) * random.uniform(0.5, 1.0)


_OPEN: Final = frozenset({State.PENDING, State.SENDING, State.UNCONFIRMED})
_ARRIVED: Final = frozenset({Outcome.DELIVERED, Outcome.COMPLAINED})
_SETTLED_BY: Final = {
    Outcome.DELIVERED: State.DELIVERED,
    Outcome.COMPLAINED: State.DELIVERED,
    Outcome.BOUNCED: State.FAILED,
    Outcome.FAILED: State.FAILED,
    Outcome.SKIPPED: State.SKIPPED,
}


def after(
    standing: Standing,
    outcome: Outcome,
    attempt: int,
    reason: str,
    *,
    campaign_status: str,
    policy: RetryPolicy,
    retry_after_s: float = 0.0,
) -> Standing:
    """The standing after a receipt; the same object when the receipt moves nothing.

    `retry_after_s`: the vendor's own word on when to try again, at the earliest.
    """
    if standing.state in FINAL or standing.state is State.HOLDOUT:
        return standing
    if attempt != standing.attempt and outcome not in _ARRIVED:
        return standing
    if outcome is Outcome.REFUSED:
        if standing.state not in _OPEN:
            return standing
        return _refused(standing, reason, campaign_status, policy, retry_after_s)
    if outcome is Outcome.UNANSWERED:
        return _doubtful(standing)
    if outcome is Outcome.ACCEPTED:
        return Standing(State.SENT, attempt) if standing.state in _OPEN else standing
    if outcome is Outcome.SKIPPED and standing.state is State.SENT:
        return standing
    return Standing(_SETTLED_BY[outcome], standing.attempt, _kept_reason(outcome, reason))


def _kept_reason(outcome: Outcome, reason: str) -> str | None:
    """Of a message that arrived there is none."""
    if outcome is Outcome.BOUNCED:
        return reason or EMAIL_BOUNCED
    return None if outcome is Outcome.COMPLAINED else reason or None


def _doubtful(standing: Standing) -> Standing:
    """Of a vendor that cannot be asked again."""
    sending = standing.state is State.SENDING
    return Standing(State.UNCONFIRMED, standing.attempt, IN_DOUBT) if sending else standing


def _refused(
    standing: Standing, reason: str, campaign_status: str, policy: RetryPolicy, retry_after_s: float
) -> Standing:
    """A campaign that is over makes no further attempt."""
    if campaign_status == "CANCELLED":
        return Standing(State.CANCELLED, standing.attempt, reason)
    if campaign_status == "COMPLETED" or standing.attempt >= policy.max_attempts:
        return Standing(State.FAILED, standing.attempt, reason)
    pause_s = max(policy.pause_s(standing.attempt), retry_after_s)
    return Standing(State.PENDING, standing.attempt + 1, reason, pause_s)
