"""A vendor's answers become receipt events on the queue that webhooks join."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid5

from msgspec.structs import replace

from xencrm.campaigns.consent.model import SUPPRESSED
from xencrm.campaigns.delivery.clearance import Clearance
from xencrm.campaigns.delivery.composing import Composed
from xencrm.campaigns.delivery.model import IN_DOUBT
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Delivered,
    Failed,
    Refused,
    Unanswered,
)
from xencrm.contracts.receipts import RECEIPT_RECEIVED, Outcome, ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import NAMESPACE
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging.broker import BrokerUnavailable
from xencrm.kernel.messaging.cause import cause_at_hand
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_event
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.process import pause
from xencrm.kernel.telemetry.metrics import MESSAGES_ANSWERED

SOURCE = "xencrm/campaigns"
MOST_BACKOFF_S = 5.0
LONGEST_WORD = 255
log = get_logger(__name__)

_OUTCOMES = {
    Accepted: Outcome.ACCEPTED,
    Delivered: Outcome.DELIVERED,
    Failed: Outcome.FAILED,
    Refused: Outcome.REFUSED,
    Unanswered: Outcome.UNANSWERED,
}


def receipt_event(receipt: ReceiptReceived, *, vendor_receipt: str = "") -> Event:
    """The same word on the same attempt is the same event, however often it is heard."""
    name = f"{receipt.message_id}:{receipt.attempt}:{receipt.outcome}:{receipt.vendor}:{vendor_receipt}"
    cause = cause_at_hand()
    return Event(
        id=uuid5(NAMESPACE, name),
        type=RECEIPT_RECEIVED,
        source=SOURCE,
        subject=str(receipt.message_id),
        time=utc_now(),
        correlationid=cause.correlationid,
        traceparent=cause.traceparent,
        data=encode_data(receipt),
    )


class Reporter:
    """Publishes what came of a batch; holds on to it while the broker is away."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def report_answers(
        self,
        campaign: RunningCampaign,
        answered: Sequence[tuple[Composed, Answer]],
        stop: asyncio.Event,
    ) -> None:
        now = utc_now()
        receipts = [receipt_of(campaign, message, answer, now) for message, answer in answered]
        for receipt in receipts:
            MESSAGES_ANSWERED.labels(campaign.vendor, receipt.outcome).inc()
        await self._publish(receipts, stop)

    async def report_skipped(
        self, campaign: RunningCampaign, messages: Sequence[Composed], stop: asyncio.Event
    ) -> None:
        now = utc_now()
        await self._publish(
            [
                ReceiptReceived(
                    message_id=message.message_id,
                    attempt=message.attempt,
                    outcome=Outcome.SKIPPED,
                    vendor=campaign.vendor,
                    occurred_at=now,
                    reason=message.skip_reason,
                    campaign_month=campaign.campaign_month,
                )
                for message in messages
            ],
            stop,
        )

    async def report_suppressed(
        self, campaign: RunningCampaign, messages: Sequence[Composed], found: Clearance, stop: asyncio.Event
    ) -> None:
        """They are skipped; of one that may have been handed over before, nobody knows."""
        if not found.suppressed:
            return
        theirs = [item for item in messages if item.message_id in found.suppressed]
        doubtful = [item for item in theirs if item.message_id in found.in_doubt]
        skipped = [replace(item, outgoing=None, skip_reason=SUPPRESSED) for item in theirs]
        await self.report_skipped(
            campaign, [item for item in skipped if item.message_id not in found.in_doubt], stop
        )
        await self.report_answers(campaign, [(item, Unanswered(SUPPRESSED)) for item in doubtful], stop)

    async def _publish(self, receipts: Sequence[ReceiptReceived], stop: asyncio.Event) -> None:
        encoded = [encode_event(receipt_event(receipt)) for receipt in receipts]
        wait_s = 0.1
        while encoded:
            try:
                return await self._publisher.publish_many(encoded)
            except BrokerUnavailable as error:
                if stop.is_set():  # the lease ends: the same keys get the same answers, or it is a doubt
                    return
                log.warning("receipts.waiting", receipts=len(encoded), reason=str(error))
                await pause(stop, wait_s)
                wait_s = min(wait_s * 2, MOST_BACKOFF_S)


def receipt_of(
    campaign: RunningCampaign, message: Composed, answer: Answer, now: datetime
) -> ReceiptReceived:
    """Whatever the vendor said in it can be encoded and kept."""
    outgoing = message.outgoing
    return ReceiptReceived(
        message_id=message.message_id,
        attempt=message.attempt,
        outcome=_outcome(answer),
        vendor=campaign.vendor,
        occurred_at=now,
        reason=printable(_reason(answer)),
        vendor_ref=printable(_reference(answer)),
        retry_after_s=answer.retry_after_s if isinstance(answer, Refused) else 0.0,
        campaign_month=campaign.campaign_month,
        template_version=message.template_version,
        address=outgoing.to if outgoing else None,
        subject=outgoing.subject if outgoing else None,
        body=outgoing.text if outgoing else None,
    )


def printable(word: str) -> str:
    """A vendor's word as it is kept: a question mark for what is no character or none to be seen."""
    word = word[:LONGEST_WORD]
    if not word.isprintable():
        word = "".join(char if char.isprintable() else "?" for char in word)
    return word.strip()


def _reference(answer: Answer) -> str:
    return answer.vendor_ref if isinstance(answer, Accepted | Delivered | Failed) else ""


def _outcome(answer: Answer) -> Outcome:
    bounced = isinstance(answer, Failed) and answer.bounced
    return Outcome.BOUNCED if bounced else _OUTCOMES[type(answer)]


def _reason(answer: Answer) -> str:
    if isinstance(answer, Unanswered):
        return IN_DOUBT
    return answer.reason if isinstance(answer, Failed | Refused) else ""
