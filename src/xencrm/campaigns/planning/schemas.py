"""Campaigns over HTTP."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from xencrm.campaigns.planning.model import Campaign, CampaignType, Plan, Status, Texts, why_held
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.shapes import Time, line, said_as, text
from xencrm.kernel.validation import NAME_LENGTH, check_text_storable, clean_text

SUBJECT_LENGTH = 255
Percent = Annotated[int, Meta(ge=0, le=50, description="of the audience that gets nothing, to compare with")]
GivenName = Annotated[str, line(NAME_LENGTH, "Diwali offer")]
GivenTemplate = Annotated[str, text("Dear {{ first_name | default: 'friend' }}, something for you.")]
GivenSubject = Annotated[str, said_as({"type": "string", "examples": ["For you, {{ first_name }}"]})]
GivenHtml = Annotated[str, said_as({"type": "string", "examples": ["<p>Dear {{ first_name }}</p>"]})]
LONGEST_TOKEN = 2000
_FUTURE = {
    "type": "string",
    "format": "date-time",
    "description": "in the future, with an offset",
    "examples": ["2099-12-24T10:00:00+05:30"],
}
ScheduledOrNot = Annotated[datetime | None, said_as({"anyOf": [_FUTURE, {"type": "null"}], "examples": []})]
Scheduled = Annotated[datetime | None, said_as({"anyOf": [_FUTURE, {"type": "null"}]})]
_Token = Annotated[str, Meta(max_length=LONGEST_TOKEN)]
GivenPlan = Annotated[
    _Token | None, Meta(description="what a pre-flight gave; a launch is held to it", examples=[None])
]


class NewCampaign(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /campaigns` takes."""

    name: GivenName
    segment_id: UUID
    message_template: GivenTemplate
    subject: GivenSubject | None = None
    html_template: GivenHtml | None = None
    campaign_type: CampaignType = CampaignType.PROMOTIONAL
    vendor: str = "simulator"
    holdout_percent: Percent = 0
    scheduled_at: ScheduledOrNot = None
    track: bool = False

    def __post_init__(self) -> None:
        self.name = clean_text("name", self.name, NAME_LENGTH)
        self.message_template = clean_template("message_template", self.message_template)
        self.subject = clean_subject(self.subject)
        self.html_template = clean_optional("html_template", self.html_template)
        self.scheduled_at = _clean_schedule(self.scheduled_at)

    def plan(self) -> Plan:
        return Plan(
            name=self.name,
            segment_id=self.segment_id,
            campaign_type=self.campaign_type,
            vendor=self.vendor,
            holdout_percent=self.holdout_percent,
            track=self.track,
        )

    def texts(self) -> Texts:
        return Texts(self.message_template, self.subject, self.html_template)


class CampaignChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `PATCH /campaigns/{id}` takes; a field left out keeps its value."""

    name: GivenName | UnsetType = UNSET
    segment_id: UUID | UnsetType = UNSET
    message_template: GivenTemplate | UnsetType = UNSET
    subject: GivenSubject | UnsetType | None = UNSET
    html_template: GivenHtml | UnsetType | None = UNSET
    campaign_type: CampaignType | UnsetType = UNSET
    vendor: str | UnsetType = UNSET
    holdout_percent: Percent | UnsetType = UNSET
    scheduled_at: ScheduledOrNot | UnsetType = UNSET
    track: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.name is not UNSET:
            self.name = clean_text("name", self.name, NAME_LENGTH)
        if self.message_template is not UNSET:
            self.message_template = clean_template("message_template", self.message_template)
        if self.subject is not UNSET:
            self.subject = clean_subject(self.subject)
        if self.html_template is not UNSET:
            self.html_template = clean_optional("html_template", self.html_template)
        if self.scheduled_at is not UNSET:
            self.scheduled_at = _clean_schedule(self.scheduled_at)

    def given(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in fields.items() if value is not UNSET}


class ScheduleInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /campaigns/{id}/schedule` takes; null takes it off the schedule."""

    scheduled_at: Scheduled
    plan_token: GivenPlan = None

    def __post_init__(self) -> None:
        self.scheduled_at = _clean_schedule(self.scheduled_at)


class LaunchInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /campaigns/{id}/launch` may take."""

    plan_token: GivenPlan = None


class ShownCampaign(Struct, kw_only=True):
    """`template_version` is one more each time the texts change while the campaign is paused.

    `held_reason`: why a schedule that should have begun, or what should be sent, waits for a person.
    """

    campaign_id: UUID
    name: str
    segment_id: UUID
    segment_name: str
    message_template: str
    subject: str | None
    html_template: str | None
    template_version: int
    campaign_type: CampaignType
    vendor: str
    holdout_percent: int
    track: bool
    status: Status
    created_by: str
    created_at: Time
    updated_at: Time
    scheduled_at: Time | None
    held_reason: str | None
    launched_at: Time | None
    prepared_at: Time | None
    finished_at: Time | None
    archived_at: Time | None


def shown_campaign(campaign: Campaign, vendors: Collection[str]) -> ShownCampaign:
    """Plan and texts flattened into one object; `vendors`: those that are configured."""
    parts = (campaign, campaign.plan, campaign.texts)
    fields = {name: getattr(part, name) for part in parts for name in part.__slots__}
    fields["held_reason"] = why_held(campaign, vendors)
    return ShownCampaign(**{name: fields[name] for name in ShownCampaign.__struct_fields__})


def clean_template(field: str, value: str) -> str:
    if not value.strip():
        raise ValueError(f"{field}: must not be empty")
    return check_text_storable(field, value)


def clean_optional(field: str, value: str | None) -> str | None:
    return clean_template(field, value) if value is not None and value.strip() else None


def clean_subject(value: str | None) -> str | None:
    """One line: it becomes a header."""
    return clean_text("subject", value, SUBJECT_LENGTH) if value is not None and value.strip() else None


def _clean_schedule(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("scheduled_at: needs an offset such as Z or +05:30")
    if value <= utc_now():
        raise ValueError("scheduled_at: must be in the future")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("scheduled_at: is too far away") from error
