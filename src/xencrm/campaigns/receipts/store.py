"""Statements on `delivery_receipts` and what they do to `communication_log`."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.receipts.model import Standing
from xencrm.contracts.receipts import ReceiptReceived
from xencrm.kernel.database import Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.monthly import month_after

_TIME = 80  # bits of a UUIDv7 after its milliseconds
_LOCK = text("""
    SELECT message.message_id, message.campaign_month, message.campaign_id, message.customer_id,
           message.state, message.attempt, campaigns.status, campaigns.vendor
    FROM communication_log AS message JOIN campaigns USING (campaign_id)
    WHERE message.message_id = ANY(CAST(:ids AS uuid[]))
      AND message.campaign_month BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    ORDER BY message.message_id FOR NO KEY UPDATE OF message
""")
# The row is written: a completion that has looked at the campaign's messages before looks anew.
_KEEP_OPEN = text("""
    WITH locked AS (
        SELECT campaign_id FROM campaigns WHERE campaign_id = ANY(CAST(:ids AS uuid[]))
        ORDER BY campaign_id FOR NO KEY UPDATE
    )
    UPDATE campaigns SET updated_at = campaigns.updated_at
    FROM locked WHERE campaigns.campaign_id = locked.campaign_id
    RETURNING campaigns.campaign_id, campaigns.status
""")
_INSERT = text("""
    INSERT INTO delivery_receipts (campaign_month, receipt_id, message_id, attempt, outcome, reason, vendor,
                                   vendor_ref, matched, occurred_at)
    SELECT * FROM unnest(CAST(:months AS date[]), CAST(:receipt_ids AS uuid[]), CAST(:ids AS uuid[]),
                         CAST(:attempts AS integer[]), CAST(:outcomes AS text[]), CAST(:reasons AS text[]),
                         CAST(:vendors AS text[]), CAST(:refs AS text[]), CAST(:matched AS boolean[]),
                         CAST(:occurred AS timestamptz[]))
    ON CONFLICT DO NOTHING
""")
_MOVE = text("""
    UPDATE communication_log AS message
    SET state = moved.state, attempt = moved.attempt, reason = moved.reason,
        lease = NULL, lease_until = NULL, doubt_since = NULL,
        not_before = coalesce(now() + make_interval(secs => moved.retry_after_s), '-infinity'),
        sent_at = CASE WHEN moved.state IN ('SENT', 'DELIVERED') THEN coalesce(sent_at, moved.occurred_at)
                       ELSE sent_at END,
        settled_at = CASE WHEN moved.state IN ('DELIVERED', 'FAILED', 'SKIPPED', 'CANCELLED')
                          THEN moved.occurred_at END,
        template_version = coalesce(moved.template_version, message.template_version),
        address = coalesce(moved.address, message.address),
        subject = coalesce(moved.subject, message.subject),
        body = coalesce(moved.body, message.body),
        vendor_ref = coalesce(nullif(moved.vendor_ref, ''), message.vendor_ref)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:months AS date[]), CAST(:states AS text[]),
                CAST(:attempts AS smallint[]), CAST(:reasons AS text[]), CAST(:retries AS float8[]),
                CAST(:occurred AS timestamptz[]), CAST(:versions AS integer[]), CAST(:addresses AS text[]),
                CAST(:subjects AS text[]), CAST(:bodies AS text[]), CAST(:refs AS text[]))
         AS moved (message_id, month, state, attempt, reason, retry_after_s, occurred_at, template_version,
                   address, subject, body, vendor_ref)
    WHERE message.message_id = moved.message_id AND message.campaign_month = moved.month
""")
_KEEP_TEXTS = text("""
    UPDATE communication_log AS message
    SET template_version = kept.template_version, address = kept.address, subject = kept.subject,
        body = kept.body, vendor_ref = coalesce(nullif(kept.vendor_ref, ''), message.vendor_ref)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:months AS date[]), CAST(:attempts AS smallint[]),
                CAST(:versions AS integer[]), CAST(:addresses AS text[]), CAST(:subjects AS text[]),
                CAST(:bodies AS text[]), CAST(:refs AS text[]))
         AS kept (message_id, month, attempt, template_version, address, subject, body, vendor_ref)
    WHERE message.message_id = kept.message_id AND message.campaign_month = kept.month
      AND message.attempt = kept.attempt
      AND (message.template_version, message.body) IS DISTINCT FROM (kept.template_version, kept.body)
""")
_CLEAR = text("""
    UPDATE delivery_receipts SET reason = NULL, vendor_ref = NULL
    WHERE message_id = ANY(ARRAY(SELECT message_id FROM communication_log
                                 WHERE customer_id = ANY(CAST(:ids AS uuid[]))))
      AND (reason IS NOT NULL OR vendor_ref IS NOT NULL)
""")


class LedgerRow(Struct, frozen=True):
    """A locked message, its campaign's status, and the only vendor that has a word on it."""

    message_id: UUID
    campaign_month: date
    campaign_id: UUID
    customer_id: UUID
    standing: Standing
    campaign_status: str
    vendor: str


class Move(Struct, frozen=True):
    """A message's new standing and the receipt that led to it."""

    row: LedgerRow
    standing: Standing
    receipt: ReceiptReceived


async def lock_messages(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, LedgerRow]:
    """Looked for in the months around the ids' own times first; what is not there, everywhere."""
    found = await _lock(tx, ids, *_likely_months(ids))
    if missing := [message_id for message_id in ids if message_id not in found]:
        found |= await _lock(tx, missing, date.min, date.max)
    return found


async def keep_open(tx: Tx, campaign_ids: Collection[UUID]) -> dict[UUID, str]:
    """Nobody completes the campaigns until the transaction ends; returns their status now."""
    rows = await tx.execute(_KEEP_OPEN, {"ids": sorted(campaign_ids)})
    return {row.campaign_id: row.status for row in rows}


def _likely_months(ids: Sequence[UUID]) -> tuple[date, date]:
    """A message is written down soon after the launch, in the same month or the next one."""
    now = uuid7().int >> _TIME
    times = [min(message_id.int >> _TIME, now) for message_id in ids if message_id.version == 7] or [now]
    first, last = (datetime.fromtimestamp(end / 1000, UTC).date() for end in (min(times), max(times)))
    return month_after(first, -1), month_after(last, 0)


async def _lock(tx: Tx, ids: Sequence[UUID], first: date, last: date) -> dict[UUID, LedgerRow]:
    rows = await tx.execute(_LOCK, {"ids": sorted(ids), "first": first, "last": last})
    return {
        row.message_id: LedgerRow(
            row.message_id,
            row.campaign_month,
            row.campaign_id,
            row.customer_id,
            Standing(State(row.state), row.attempt),
            row.status,
            row.vendor,
        )
        for row in rows
    }


async def insert_receipts(
    tx: Tx, receipts: Sequence[tuple[UUID, ReceiptReceived]], ledger: dict[UUID, LedgerRow]
) -> None:
    """Once each by receipt id; one of an unknown message, or of another vendor's, is kept as unmatched."""
    rows = [(receipt_id, receipt, ledger.get(receipt.message_id)) for receipt_id, receipt in receipts]
    await tx.execute(
        _INSERT,
        {
            "months": [row.campaign_month if row else _month_of(receipt) for _, receipt, row in rows],
            "receipt_ids": [receipt_id for receipt_id, _, _ in rows],
            "ids": [receipt.message_id for _, receipt, _ in rows],
            "attempts": [receipt.attempt for _, receipt, _ in rows],
            "outcomes": [receipt.outcome.value for _, receipt, _ in rows],
            "reasons": [receipt.reason or None for _, receipt, _ in rows],
            "vendors": [receipt.vendor for _, receipt, _ in rows],
            "refs": [receipt.vendor_ref or None for _, receipt, _ in rows],
            "matched": [row is not None and row.vendor == receipt.vendor for _, receipt, row in rows],
            "occurred": [receipt.occurred_at for _, receipt, _ in rows],
        },
    )


def _month_of(receipt: ReceiptReceived) -> date:
    return receipt.occurred_at.date().replace(day=1)


async def move_messages(tx: Tx, moves: Sequence[Move]) -> None:
    await tx.execute(
        _MOVE,
        {
            "ids": [move.row.message_id for move in moves],
            "months": [move.row.campaign_month for move in moves],
            "states": [move.standing.state.value for move in moves],
            "attempts": [move.standing.attempt for move in moves],
            "reasons": [move.standing.reason for move in moves],
            "retries": [move.standing.retry_after_s for move in moves],
            "occurred": [move.receipt.occurred_at for move in moves],
            "versions": [move.receipt.template_version for move in moves],
            "addresses": [move.receipt.address for move in moves],
            "subjects": [move.receipt.subject for move in moves],
            "bodies": [move.receipt.body for move in moves],
            "refs": [move.receipt.vendor_ref for move in moves],
        },
    )


async def keep_texts(tx: Tx, sent: Sequence[tuple[LedgerRow, ReceiptReceived]]) -> None:
    """What was sent, of receipts that move nothing; one a message."""
    await tx.execute(
        _KEEP_TEXTS,
        {
            "ids": [row.message_id for row, _ in sent],
            "months": [row.campaign_month for row, _ in sent],
            "attempts": [receipt.attempt for _, receipt in sent],
            "versions": [receipt.template_version for _, receipt in sent],
            "addresses": [receipt.address for _, receipt in sent],
            "subjects": [receipt.subject for _, receipt in sent],
            "bodies": [receipt.body for _, receipt in sent],
            "refs": [receipt.vendor_ref for _, receipt in sent],
        },
    )


async def clear_receipts(tx: Tx, customer_ids: Sequence[UUID]) -> None:
    """Takes the vendor's words out of the receipts of customers' messages."""
    await tx.execute(_CLEAR, {"ids": list(customer_ids)})
