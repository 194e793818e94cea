"""Campaigns whose customers are reached and order, and what the numbers say of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.support.sending import launch
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.contracts.receipts import RECEIPT_RECEIVED, Outcome, ReceiptReceived
from xencrm.contracts.topology import RECEIPT_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_frame

ROLES = ("http", "results", "receipt_queue")
LEADS_TO = {
    Outcome.DELIVERED: "DELIVERED",
    Outcome.FAILED: "FAILED",
    Outcome.ACCEPTED: "SENT",
    Outcome.BOUNCED: "FAILED",
}
ALL_DONE = """
    SELECT NOT EXISTS (SELECT FROM quarter_moves)
       AND NOT EXISTS (SELECT FROM quarter_hours WHERE stale_since IS NOT NULL)
       AND NOT EXISTS (SELECT FROM campaigns LEFT JOIN campaign_results AS result USING (campaign_id)
                       WHERE holdout_percent > 0 AND prepared_at IS NOT NULL
                         AND (result.campaign_id IS NULL OR lift_stale_since IS NOT NULL)) AS all_done
"""


async def launch_long_ago(running: RunningService, **fields: Any) -> UUID:
    """A campaign to everybody, launched 100 days ago; nobody is reached yet."""
    campaign_id = await launch(running, **fields)
    await running.rows(
        "UPDATE campaigns SET launched_at = now() - interval '100 days' WHERE campaign_id = :id RETURNING 1",
        id=campaign_id,
    )
    return campaign_id


async def tell(
    running: RunningService,
    campaign_id: UUID,
    moments: Mapping[UUID, datetime],
    outcome: Outcome = Outcome.DELIVERED,
) -> None:
    """What the vendor says of the messages to some customers, and when it was; returns once it is known."""
    messages = await _messages(running, campaign_id, moments)
    vendor = (await running.rows("SELECT vendor FROM campaigns WHERE campaign_id = :id", id=campaign_id))[
        0
    ].vendor
    events = [
        _event(
            ReceiptReceived(
                message_id=message_id,
                attempt=1,
                outcome=outcome,
                vendor=vendor,
                occurred_at=moments[customer_id],
            )
        )
        for customer_id, (message_id, _) in messages.items()
    ]
    await running.broker.publish(RECEIPT_QUEUE.topic, encode_frame(events))

    async def states() -> set[str]:
        return {state for _, state in (await _messages(running, campaign_id, moments)).values()}

    await until(states, lambda seen: seen == {LEADS_TO[outcome]})


async def worked_out(running: RunningService) -> None:
    """Returns once nothing is left to be worked out."""
    await until(lambda: running.rows(ALL_DONE), lambda rows: rows[0][0])


async def result_of(running: RunningService, campaign_id: UUID) -> tuple[int, Decimal]:
    """Orders and revenue, once they are worked out; the list says the same."""
    await worked_out(running)
    _, stats = await running.get(f"/campaigns/{campaign_id}/stats")
    _, page = await running.get("/campaignStats", params={"limit": "1000"})
    listed = next(item for item in page["items"] if item["campaign_id"] == str(campaign_id))
    assert (listed["orders"], listed["revenue"]) == (stats["orders"], stats["revenue"])
    return stats["orders"], Decimal(stats["revenue"])


async def _messages(
    running: RunningService, campaign_id: UUID, customers: Mapping[UUID, Any]
) -> dict[UUID, tuple[UUID, str]]:
    rows: Sequence[Any] = await running.rows(
        "SELECT customer_id, message_id, state FROM communication_log"
        " WHERE campaign_id = :id AND customer_id = ANY(CAST(:customers AS uuid[]))",
        id=campaign_id,
        customers=list(customers),
    )
    return {row.customer_id: (row.message_id, row.state) for row in rows}


def _event(receipt: ReceiptReceived) -> Event:
    return Event(
        id=uuid7(),
        type=RECEIPT_RECEIVED,
        source="tests",
        subject=str(receipt.message_id),
        time=utc_now(),
        data=encode_data(receipt),
    )
