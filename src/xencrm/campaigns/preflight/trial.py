"""A test message: rendered and handed to the campaign's vendor, in no ledger and no counter."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.consent import service as consent
from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.delivery.calling import call
from xencrm.campaigns.delivery.composing import unsubscribe_headers
from xencrm.campaigns.delivery.rendering import ParsedTexts, Rendered
from xencrm.campaigns.delivery.reporting import printable
from xencrm.campaigns.delivery.templates import NotRendered
from xencrm.campaigns.delivery.variables import Recipient, profile_variables
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Delivered,
    Failed,
    Outgoing,
    Refused,
    Unanswered,
    Unsent,
    Vendor,
)
from xencrm.campaigns.planning.model import TEST, Campaign, check_action
from xencrm.campaigns.planning.service import get_campaign
from xencrm.campaigns.preflight import store
from xencrm.campaigns.preflight.model import (
    Outcome,
    RecipientSuppressed,
    TextsUnusable,
    Trial,
    VendorNotConfigured,
)
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.preflight.service import parsed, trial_tracker, trial_url
from xencrm.campaigns.profiles import service as profiles
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.errors import TooManyRequests, Unavailable
from xencrm.kernel.ids import uuid7
from xencrm.kernel.logging import get_logger

CALL_S: Final = 10.0
MOST_TESTS: Final = 20
PERIOD_S: Final = 3600.0
ATTRIBUTE: Final = "attributes."
log = get_logger(__name__)

Answered = Accepted | Delivered | Failed | Refused | Unanswered
_OUTCOMES: Final = {
    Accepted: Outcome.ACCEPTED,
    Delivered: Outcome.DELIVERED,
    Failed: Outcome.FAILED,
    Refused: Outcome.REFUSED,
    Unanswered: Outcome.UNANSWERED,
}


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A customer of nobody's, for a test that names none."""

    email: str
    name: str = "Asha Rao"
    phone: str | None = "+91 98765 43210"
    status: str = "ACTIVE"
    total_spend: Decimal = Decimal("1234.50")
    total_orders: int = 3
    total_visits: int = 4
    last_order_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """`address` gets what `recipient` would."""

    address: str
    recipient: Recipient
    attributes: Mapping[str, object]


async def send_test(
    database: Database,
    proofs: Proofs,
    campaign_id: UUID,
    *,
    customer_id: UUID | None,
    email: str | None,
    principal_id: str,
) -> Trial:
    """To the customer, or what the customer would get to another address; without a customer a made-up one.

    Raises CampaignUnknown, ProfileUnknown, WrongStatus, VendorNotConfigured, RecipientSuppressed,
    TextsUnusable, TooManyRequests, Unavailable.
    """
    async with database.transaction() as tx:
        campaign = await get_campaign(tx, campaign_id)
        check_action(TEST, campaign)
        vendor = _vendor_of(proofs.vendors, campaign)
        texts = await asyncio.to_thread(parsed, proofs.templates, campaign)
        addressee = await _find_addressee(
            tx, proofs.hashes, campaign, texts, customer_id=customer_id, email=email
        )
        outgoing = await asyncio.to_thread(_compose, texts, addressee, campaign, proofs.links)
        await _take_allowance(tx, principal_id)
        name = campaign.plan.name
        await audit.note(tx, "campaign.tested", "campaign", campaign_id, name=name, to_customer=customer_id)
    trial = _trial(outgoing, await _call(vendor, outgoing))
    log.info("campaign.tested", campaign_id=str(campaign_id), outcome=trial.outcome)
    return trial


async def _find_addressee(
    tx: Tx,
    hashes: AddressHashes,
    campaign: Campaign,
    texts: ParsedTexts,
    *,
    customer_id: UUID | None,
    email: str | None,
) -> Addressee:
    if customer_id is None:
        return _made_up(email or "", texts)
    profile = await profiles.get_profile(tx, customer_id)
    kind = campaign.plan.campaign_type
    if email is None and await consent.is_suppressed(tx, hashes, customer_id, profile.email, kind):
        raise RecipientSuppressed("This customer must not be written to by such a campaign.")
    return Addressee(email or profile.email, profile, profile.attributes)


def _made_up(email: str, texts: ParsedTexts) -> Addressee:
    """Each attribute says its name."""
    keys = [name.removeprefix(ATTRIBUTE) for name in texts.names if name.startswith(ATTRIBUTE)]
    return Addressee(email, MadeUp(email, last_order_at=utc_now()), {key: f"[{key}]" for key in keys})


def _vendor_of(vendors: Mapping[str, Vendor], campaign: Campaign) -> Vendor:
    name = campaign.plan.vendor
    if name not in vendors:
        raise VendorNotConfigured(f"The vendor {name} is not configured here.")
    return vendors[name]


def _compose(texts: ParsedTexts, addressee: Addressee, campaign: Campaign, links: Links) -> Outgoing:
    now = utc_now()
    url = trial_url(links, now)
    variables = profile_variables(addressee.recipient, addressee.attributes, now=now, unsubscribe_url=url)
    try:
        rendered = texts.render(variables, trial_tracker(links, now))
    except NotRendered as error:
        raise TextsUnusable(f"The message cannot be rendered for this customer: {error}") from error
    return Outgoing(
        message_id=uuid7(),
        attempt=1,
        to=addressee.address,
        name=addressee.recipient.name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=unsubscribe_headers(campaign.plan.campaign_type, url),
    )


async def _take_allowance(tx: Tx, principal_id: str) -> None:
    wait_s = await store.take_test(tx, principal_id, most=MOST_TESTS, period_s=PERIOD_S)
    if wait_s:
        raise TooManyRequests(f"At most {MOST_TESTS} test messages an hour.", retry_after_s=wait_s)


async def _call(vendor: Vendor, outgoing: Outgoing) -> Answered:
    """Raises Unavailable when the message did not leave."""
    answer = (await call(vendor, [outgoing], asyncio.get_running_loop().time() + CALL_S))[0]
    if isinstance(answer, Unsent):
        raise _unavailable(vendor, answer.reason, answer.pause_s)
    if isinstance(answer, Refused) and answer.suspicion:
        raise _unavailable(vendor, answer.suspicion)
    return answer


def _unavailable(vendor: Vendor, reason: str, pause_s: float = 0.0) -> Unavailable:
    return Unavailable(
        f"The vendor {vendor.name} takes nothing now: {reason}", retry_after_s=max(1.0, pause_s)
    )


def _trial(outgoing: Outgoing, answer: Answered) -> Trial:
    return Trial(
        message_id=outgoing.message_id,
        name=outgoing.name,
        address=outgoing.to,
        rendered=Rendered(outgoing.subject, outgoing.text, outgoing.html),
        outcome=_OUTCOMES[type(answer)],
        reason=printable(answer.reason) if isinstance(answer, Failed | Refused | Unanswered) else None,
        vendor_ref=printable(answer.vendor_ref)
        if isinstance(answer, Accepted | Delivered | Failed)
        else None,
    )
