"""Who must not be written to, and why. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from xencrm.kernel.errors import FieldError, InvalidInput, NotFound
from xencrm.kernel.secrets import keyed_hash

TRANSACTIONAL: Final = "TRANSACTIONAL"
SUPPRESSED: Final = "SUPPRESSED"
RECIPIENT: Final = "recipient"


class Reason(StrEnum):
    """All bind the address. All but BOUNCED bind the customer too, whatever the address becomes."""

    UNSUBSCRIBED = "UNSUBSCRIBED"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"
    MANUAL = "MANUAL"


OF_CUSTOMERS: Final = frozenset({Reason.UNSUBSCRIBED, Reason.COMPLAINED, Reason.MANUAL})


@dataclass(frozen=True, slots=True)
class Binding:
    """The reasons that count for a campaign: of an address, and of a customer."""

    of_address: tuple[str, ...]
    of_customer: tuple[str, ...]


def binding(campaign_type: str) -> Binding:
    """An unsubscription does not bind TRANSACTIONAL campaigns; everything else binds all."""
    reasons = [reason for reason in Reason if (campaign_type, reason) != (TRANSACTIONAL, Reason.UNSUBSCRIBED)]
    of_customer = [reason.value for reason in reasons if reason in OF_CUSTOMERS]
    return Binding(tuple(reason.value for reason in reasons), tuple(of_customer))


class AddressHashes:
    """Tells addresses apart without keeping them: 16 bytes, the same for an address in whatever case."""

    def __init__(self, secret: str) -> None:
        self._hashed = keyed_hash(secret, "consent")

    def __call__(self, address: str) -> bytes:
        return self._hashed(address.lower())


class Suppression(Struct, frozen=True, kw_only=True):
    """An address, and maybe a customer, that must not be written to. Of an erased person only the hash of
    the address is left. `campaign_id` and `message_id`: where the word came from."""

    suppression_id: UUID
    reason: Reason
    email: str | None
    customer_id: UUID | None
    campaign_id: UUID | None
    message_id: UUID | None
    note: str | None
    created_by: str
    created_at: datetime


class NewSuppression(Struct, frozen=True, kw_only=True):
    """One to be kept."""

    email_hash: bytes
    reason: Reason
    created_by: str
    email: str | None = None
    customer_id: UUID | None = None
    campaign_id: UUID | None = None
    message_id: UUID | None = None
    note: str | None = None


class Word(Struct, frozen=True):
    """What was said of a message, and by whom."""

    message_id: UUID
    reason: Reason
    said_by: str


class Written(Struct, frozen=True):
    """A message's recipient: `email` is where it went, or where it would go; `former`: hashes of all the
    addresses of a customer who was erased."""

    message_id: UUID
    campaign_id: UUID
    customer_id: UUID
    email: str | None
    former: list[bytes]


class SuppressionUnknown(NotFound):
    """No suppression has this id."""


class CustomerNotThere(InvalidInput):
    """Nobody has this customer id."""

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(errors=[FieldError("customer_id", f"there is no profile of {customer_id}")])
