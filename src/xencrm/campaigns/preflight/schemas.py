"""Pre-flights and test messages over HTTP."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from xencrm.campaigns.preflight.model import Outcome, Preflight, Sample, Trial
from xencrm.kernel.http.shapes import Email, Time
from xencrm.kernel.validation import clean_email


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
