"""A campaign's life: its states, and what may be done in which."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from xencrm.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound


class Status(StrEnum):
    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


ACTIVE: Final = (Status.SCHEDULED, Status.PREPARING, Status.RUNNING, Status.PAUSED)
FINAL: Final = (Status.COMPLETED, Status.CANCELLED)
BEFORE_LAUNCH: Final = (Status.DRAFT, Status.SCHEDULED)

# A schedule that is later than this waits for a person: the world may have changed since.
OVERDUE_S: Final = 3600


class CampaignType(StrEnum):
    PROMOTIONAL = "PROMOTIONAL"
    TRANSACTIONAL = "TRANSACTIONAL"
    NEWSLETTER = "NEWSLETTER"
    REMINDER = "REMINDER"


@dataclass(frozen=True, slots=True)
class Action:
    """What may be done to a campaign, in which states, and where it leads.

    `to` once the audience is written down, `unprepared_to` before that; None where it leads nowhere.
    """

    done: str
    sources: frozenset[Status]
    to: Status | None = None
    unprepared_to: Status | None = None

    @property
    def ends(self) -> bool:
        return self.to in FINAL


def _action(
    done: str, *sources: Status, to: Status | None = None, unprepared: Status | None = None
) -> Action:
    return Action(done, frozenset(sources), to, unprepared or to)


PREVIEW: Final = _action("previewed", *BEFORE_LAUNCH)
TEST: Final = _action("tested", Status.DRAFT, *ACTIVE)
EDIT: Final = _action("changed in more than its texts", *BEFORE_LAUNCH)
CORRECT: Final = _action("given other texts", *BEFORE_LAUNCH, Status.PAUSED)
SCHEDULE: Final = _action("scheduled", *BEFORE_LAUNCH, to=Status.SCHEDULED)
UNSCHEDULE: Final = _action("taken off the schedule", Status.SCHEDULED, to=Status.DRAFT)
LAUNCH: Final = _action("launched", *BEFORE_LAUNCH, to=Status.PREPARING)
PAUSE: Final = _action("paused", Status.PREPARING, Status.RUNNING, to=Status.PAUSED)
RESUME: Final = _action("resumed", Status.PAUSED, to=Status.RUNNING, unprepared=Status.PREPARING)
CANCEL: Final = _action("cancelled", *ACTIVE, to=Status.CANCELLED)
ARCHIVE: Final = _action("archived", Status.DRAFT, *FINAL)
DUPLICATE: Final = _action("duplicated", *Status)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is, its texts aside."""

    name: str
    segment_id: UUID
    campaign_type: CampaignType
    vendor: str
    holdout_percent: int
    track: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """One version of what is sent, as Liquid templates."""

    message_template: str
    subject: str | None
    html_template: str | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """`held_reason`: why it waits for a person. `approved`, `approved_audience`: what a plan token let be
    scheduled or launched. `limited_by`: the API key with limits that asked for it, `paused_by`: the one that
    paused it, as principals."""

    campaign_id: UUID
    campaign_month: date
    plan: Plan
    texts: Texts
    segment_name: str
    status: Status
    template_version: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    scheduled_at: datetime | None
    launched_at: datetime | None
    prepared_at: datetime | None
    finished_at: datetime | None
    held_reason: str | None
    approved: str | None
    approved_audience: int | None
    limited_by: UUID | None
    paused_by: UUID | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Approval:
    """What a campaign is held to when it begins and when its audience is written down: what the plan token
    showed, and the key with limits, as a principal, that asked for it."""

    fingerprint: str | None = None
    audience: int | None = None
    key: UUID | None = None


class CampaignUnknown(NotFound):
    """No campaign has this id."""


class WrongStatus(Conflict):
    """The campaign's status forbids it."""


class UnknownSegment(InvalidInput):
    """The segment of a campaign is not there."""


class PlanMissing(Conflict):
    """A launch needs the plan token of a pre-flight here."""


class VendorMissing(Conflict):
    """The campaign's vendor is not configured (any more)."""


class KeyLimited(Forbidden):
    """The limits of the API key forbid it."""


class KeyRevoked(Conflict):
    """The key with limits that scheduled a campaign is good no more."""


class CapReached(Conflict):
    """More recipients than the key may write to a day."""


class PlanRefused(Conflict):
    """A plan token that is not (any more) about what would be launched."""


def check_action(action: Action, campaign: Campaign) -> None:
    """Raises WrongStatus."""
    if campaign.archived_at is not None and action is not DUPLICATE:
        raise WrongStatus(f"A campaign that is archived cannot be {action.done}.")
    if campaign.status not in action.sources:
        raise WrongStatus(f"A campaign that is {campaign.status} cannot be {action.done}.")


def check_vendor(campaign: Campaign, vendors: Collection[str]) -> None:
    """Of those that are configured. Raises VendorMissing."""
    vendor = campaign.plan.vendor
    if vendor not in vendors:
        raise VendorMissing(f"The vendor {vendor} is not configured here, so that nothing can be sent.")


def why_held(campaign: Campaign, vendors: Collection[str]) -> str | None:
    """Why it waits for a person; None when it does not."""
    try:
        if campaign.status in ACTIVE:
            check_vendor(campaign, vendors)
    except VendorMissing as missing:
        return missing.detail
    return campaign.held_reason


@dataclass(frozen=True, slots=True)
class Sendable:
    """What can be sent here: by which vendors, and which texts (`check_texts` raises InvalidInput)."""

    vendors: tuple[str, ...]
    check_texts: Callable[[str, str | None, str | None], None]

    def check(self, plan: Plan, texts: Texts) -> None:
        """Raises InvalidInput."""
        if plan.vendor not in self.vendors:
            known = ", ".join(self.vendors) or "none"
            raise InvalidInput(errors=[FieldError("vendor", f"is not configured here; configured: {known}")])
        self.check_texts(texts.message_template, texts.subject, texts.html_template)
