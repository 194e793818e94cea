"""What a launch would do, and what came of a test message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from xencrm.campaigns.delivery.rendering import Rendered
from xencrm.campaigns.planning.counting import AudienceCount
from xencrm.campaigns.planning.model import CampaignType, Texts
from xencrm.kernel.errors import Unprocessable


@dataclass(frozen=True, slots=True)
class Sample:
    """What one member of the audience would get; without `rendered` nothing, because of `error`."""

    customer_id: UUID
    name: str
    address: str
    rendered: Rendered | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Preflight:
    """`blank`: for how many of the audience each variable of the texts is."""

    counted: AudienceCount
    blank: Mapping[str, int]
    samples: Sequence[Sample]
    plan_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """Texts that nobody has kept, for a segment or for those whom a rule (as JSON) matches."""

    texts: Texts
    campaign_type: CampaignType
    segment_id: UUID | None
    rules: object


@dataclass(frozen=True, slots=True)
class DraftSample:
    """`blank`: the variables that are for this customer."""

    sample: Sample
    blank: Sequence[str]


@dataclass(frozen=True, slots=True)
class TextsPreview:
    """`blank`: for how many of those whom the rule matches each variable of the texts is."""

    counted: AudienceCount
    blank: Mapping[str, int]
    samples: Sequence[DraftSample]


class Outcome(StrEnum):
    """What the vendor says of a test message; UNANSWERED: it may have taken it."""

    ACCEPTED = "ACCEPTED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    UNANSWERED = "UNANSWERED"


@dataclass(frozen=True, slots=True)
class Trial:
    """A test message and what came of it."""

    message_id: UUID
    name: str
    address: str
    rendered: Rendered
    outcome: Outcome
    reason: str | None
    vendor_ref: str | None


class TextsUnusable(Unprocessable):
    """The texts cannot be rendered."""


class VendorNotConfigured(Unprocessable):
    """The campaign's vendor has no settings here."""


class RecipientSuppressed(Unprocessable):
    """The customer must not be written to by such a campaign."""
