"""Pre-flights and test messages over HTTP."""

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from xencrm.campaigns.planning.model import CampaignType, Texts
from xencrm.campaigns.planning.schemas import (
    GivenHtml,
    GivenSubject,
    GivenTemplate,
    clean_optional,
    clean_subject,
    clean_template,
)
from xencrm.campaigns.preflight.model import (
    Draft,
    DraftSample,
    Outcome,
    Preflight,
    Sample,
    TextsPreview,
    Trial,
)
from xencrm.campaigns.segments.schemas import Rules
from xencrm.kernel.http.shapes import Email, Time, said_as
from xencrm.kernel.validation import clean_email

SegmentId = Annotated[UUID, said_as({"type": "string", "format": "uuid", "examples": []})]


class ShownSample(Struct, kw_only=True):
    """What one customer would get; `error` instead of texts where they cannot be rendered."""

    customer_id: UUID
    name: str
    address: str
    subject: str | None
    text: str | None
    html: str | None
    error: str | None


class ShownPreflight(Struct, kw_only=True):
    """What a launch would do now.

    `count`: all whom the rule matches; `holdout` of them get nothing, the others are the `audience`, of whom
    those `suppressed` or `inactive` are skipped. `blank`: for how many of the audience a variable is blank.
    `plan_token` is for the launch, until `expires_at`.
    """

    count: int
    holdout: int
    audience: int
    suppressed: int
    inactive: int
    blank: dict[str, int]
    samples: list[ShownSample]
    plan_token: str
    expires_at: Time


class TextsInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /templates/preview` takes: texts, and for whom they are, by a segment or by a rule."""

    message_template: GivenTemplate
    subject: GivenSubject | None = None
    html_template: GivenHtml | None = None
    segment_id: SegmentId | UnsetType = UNSET
    rules: Rules | UnsetType = UNSET
    campaign_type: CampaignType = CampaignType.PROMOTIONAL
    samples: Annotated[int, Meta(ge=0, le=10)] = 3
    also_said: ClassVar = {"oneOf": [{"required": ["segment_id"]}, {"required": ["rules"]}]}

    def __post_init__(self) -> None:
        if (self.segment_id is UNSET) == (self.rules is UNSET):
            raise ValueError("segment_id: give either segment_id or rules")
        self.message_template = clean_template("message_template", self.message_template)
        self.subject = clean_subject(self.subject)
        self.html_template = clean_optional("html_template", self.html_template)

    def draft(self) -> Draft:
        texts = Texts(self.message_template, self.subject, self.html_template)
        segment_id = None if self.segment_id is UNSET else self.segment_id
        return Draft(texts, self.campaign_type, segment_id, self.rules)


class ShownDraftSample(ShownSample, kw_only=True):
    """With the variables of the texts that are blank for this customer."""

    blank: list[str]


class ShownTextsPreview(Struct, kw_only=True):
    """What texts would say. `count`: all whom the rule matches, of whom those `suppressed` or `inactive`
    would be skipped. `blank`: for how many of all a variable is blank."""

    count: int
    suppressed: int
    inactive: int
    blank: dict[str, int]
    samples: list[ShownDraftSample]


class TestInput(Struct, kw_only=True, forbid_unknown_fields=True):
    """What `POST /campaigns/{id}/test` takes: a customer, an address, or both."""

    customer_id: UUID | None = None
    email: Annotated[Email | None, Meta(examples=["me@shop.example"])] = None

    def __post_init__(self) -> None:
        if self.customer_id is None and self.email is None:
            raise ValueError("email: is missing, and customer_id too: one is needed")
        if self.email is not None:
            self.email = clean_email("email", self.email)


class ShownTrial(Struct, kw_only=True):
    """A test message and what the vendor says of it; it is in no ledger and no counter."""

    message_id: UUID
    name: str
    address: str
    subject: str | None
    text: str
    html: str | None
    outcome: Outcome
    reason: str | None
    vendor_ref: str | None


def shown_preflight(preflight: Preflight) -> ShownPreflight:
    counted = preflight.counted
    return ShownPreflight(
        count=counted.count,
        holdout=counted.holdout,
        audience=counted.audience,
        suppressed=counted.suppressed,
        inactive=counted.inactive,
        blank=dict(preflight.blank),
        samples=[_shown_sample(sample) for sample in preflight.samples],
        plan_token=preflight.plan_token,
        expires_at=preflight.expires_at,
    )


def _shown_sample(sample: Sample) -> ShownSample:
    rendered = sample.rendered
    return ShownSample(
        customer_id=sample.customer_id,
        name=sample.name,
        address=sample.address,
        subject=rendered.subject if rendered else None,
        text=rendered.text if rendered else None,
        html=rendered.html if rendered else None,
        error=sample.error,
    )


def shown_texts_preview(preview: TextsPreview) -> ShownTextsPreview:
    counted = preview.counted
    return ShownTextsPreview(
        count=counted.count,
        suppressed=counted.suppressed,
        inactive=counted.inactive,
        blank=dict(preview.blank),
        samples=[_shown_draft_sample(sample) for sample in preview.samples],
    )


def _shown_draft_sample(sample: DraftSample) -> ShownDraftSample:
    return ShownDraftSample(**structs.asdict(_shown_sample(sample.sample)), blank=list(sample.blank))


def shown_trial(trial: Trial) -> ShownTrial:
    return ShownTrial(
        message_id=trial.message_id,
        name=trial.name,
        address=trial.address,
        subject=trial.rendered.subject,
        text=trial.rendered.text,
        html=trial.rendered.html,
        outcome=trial.outcome,
        reason=trial.reason,
        vendor_ref=trial.vendor_ref,
    )
