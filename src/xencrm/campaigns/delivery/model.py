"""The states of a message. Pure."""

from enum import StrEnum
from typing import Final

from xencrm.kernel.errors import Conflict, NotFound


class State(StrEnum):
    """HOLDOUT rows are kept out of a campaign on purpose and are in no count of messages."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"
    UNCONFIRMED = "UNCONFIRMED"
    HOLDOUT = "HOLDOUT"


FINAL: Final = frozenset({State.DELIVERED, State.FAILED, State.SKIPPED, State.CANCELLED})

NO_PROFILE: Final = "NO_PROFILE"
ERASED: Final = "ERASED"
NOT_RENDERED: Final = "NOT_RENDERED"
IN_DOUBT: Final = "IN_DOUBT"
NO_RECEIPT: Final = "NO_RECEIPT"
GIVEN_UP: Final = "GIVEN_UP"
EMAIL_BOUNCED: Final = "EMAIL_BOUNCED"


class MessageUnknown(NotFound):
    """No message has this id."""


class NotUnconfirmed(Conflict):
    """Nothing has to be decided on the message, or not this."""
