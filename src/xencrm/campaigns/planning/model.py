"""A campaign's life: its states, and what may be done in which."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from xencrm.kernel.errors import Conflict, FieldError, InvalidInput, NotFound


class Status(StrEnum):
    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


ACTIVE: Final = (Status.SCHEDULED, Status.PREPARING, Status.RUNNING, Status.PAUSED)
TEXTS_CHANGE_IN: Final = frozenset({Status.DRAFT, Status.PAUSED})
PLAN_CHANGES_IN: Final = frozenset({Status.DRAFT})


class CampaignType(StrEnum):
    PROMOTIONAL = "PROMOTIONAL"
    TRANSACTIONAL = "TRANSACTIONAL"
    NEWSLETTER = "NEWSLETTER"
    REMINDER = "REMINDER"


@dataclass(frozen=True, slots=True)
class Transition:
    """`to` once the audience is written down, `unprepared_to` before that."""

    verb: str
    sources: frozenset[Status]
    to: Status
    unprepared_to: Status

    @property
    def ends(self) -> bool:
        return self.to is Status.CANCELLED


LAUNCH: Final = Transition("launched", frozenset({Status.DRAFT}), Status.PREPARING, Status.PREPARING)
PAUSE: Final = Transition(
    "paused", frozenset({Status.PREPARING, Status.RUNNING}), Status.PAUSED, Status.PAUSED
)
RESUME: Final = Transition("resumed", frozenset({Status.PAUSED}), Status.RUNNING, Status.PREPARING)
CANCEL: Final = Transition("cancelled", frozenset(ACTIVE), Status.CANCELLED, Status.CANCELLED)


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


class CampaignUnknown(NotFound):
    """No campaign has this id."""


class WrongStatus(Conflict):
    """The campaign's status forbids it."""


class UnknownSegment(InvalidInput):
    """The segment of a campaign is not there."""


def check_transition(transition: Transition, status: Status) -> None:
    """Raises WrongStatus."""
    if status not in transition.sources:
        raise WrongStatus(f"A campaign that is {status} cannot be {transition.verb}.")


@dataclass(frozen=True, slots=True)
class Sendable:
    """What can be sent here: by which vendors, and which texts (`check_texts` raises InvalidInput)."""

    vendors: tuple[str, ...]
    check_texts: Callable[[str, str | None, str | None], None]

    def check(self, plan: Plan, texts: Texts) -> None:
        """Raises InvalidInput."""
        if plan.vendor not in self.vendors:
            known = ", ".join(self.vendors)
            raise InvalidInput(errors=[FieldError("vendor", f"is not known; known: {known}")])
        self.check_texts(texts.message_template, texts.subject, texts.html_template)
