"""What happened with one customer: orders, messages and what came of them, words against being written to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from xencrm.campaigns.reporting.schemas import TimelineItem
from xencrm.kernel.database import Tx

Cursor = tuple[datetime, str]

_LIST = text("""
    WITH mine AS MATERIALIZED (
        SELECT message_id, message.campaign_month, campaign_id, campaign.name AS campaign_name, state,
               reason, coalesce(sent_at, message.created_at) AS at
        FROM communication_log AS message JOIN campaigns AS campaign USING (campaign_id)
        WHERE customer_id = :customer_id AND state <> 'HOLDOUT'
    ),
    happened AS (
        SELECT created_at AS at, 'joined' AS kind, CAST(customer_id AS text) AS id,
               CAST(NULL AS text) AS order_id, CAST(NULL AS numeric) AS order_amount,
               CAST(NULL AS uuid) AS campaign_id, CAST(NULL AS text) AS campaign_name,
               CAST(NULL AS uuid) AS message_id, CAST(NULL AS text) AS status, CAST(NULL AS text) AS reason,
               CAST(NULL AS text) AS url, CAST(NULL AS bigint) AS count
        FROM customers_mv WHERE customer_id = :customer_id
        UNION ALL
        SELECT ordered_at, 'order', order_id, order_id, order_amount, NULL, NULL, NULL, order_status, NULL,
               NULL, NULL
        FROM orders_mv WHERE customer_id = :customer_id
        UNION ALL
        SELECT at, 'message', CAST(message_id AS text), NULL, NULL, campaign_id, campaign_name, message_id,
               state, reason, NULL, NULL
        FROM mine
        UNION ALL
        SELECT occurred_at, 'receipt', CAST(receipt_id AS text), NULL, NULL, campaign_id, campaign_name,
               message_id, outcome, receipt.reason, NULL, NULL
        FROM mine JOIN delivery_receipts AS receipt USING (message_id, campaign_month)
        UNION ALL
        SELECT first_opened_at, 'open', CAST(message_id AS text), NULL, NULL, mine.campaign_id, campaign_name,
               message_id, NULL, NULL, NULL, opens
        FROM mine JOIN engagements USING (message_id, campaign_month) WHERE first_opened_at IS NOT NULL
        UNION ALL
        SELECT first_at, 'click', message_id || ' ' || link_clicks.link, NULL, NULL, mine.campaign_id,
               campaign_name, message_id, NULL, NULL, url, link_clicks.clicks
        FROM mine JOIN link_clicks USING (message_id, campaign_month)
        LEFT JOIN campaign_links AS known
            ON known.campaign_id = mine.campaign_id AND known.link = link_clicks.link
        UNION ALL
        SELECT suppression.created_at, 'suppression', CAST(suppression_id AS text), NULL, NULL,
               campaign_id, campaign.name, message_id, NULL, reason, NULL, NULL
        FROM suppressions AS suppression LEFT JOIN campaigns AS campaign USING (campaign_id)
        WHERE customer_id = :customer_id OR email_hash = :hash
    )
    SELECT *, kind || ' ' || id COLLATE "C" AS key FROM happened
    WHERE (CAST(:kind AS text) IS NULL OR kind = :kind)
        AND (CAST(:at AS timestamptz) IS NULL OR (at, kind || ' ' || id COLLATE "C") < (:at, :key))
    ORDER BY at DESC, key DESC LIMIT :most
""")


async def list_timeline(
    tx: Tx, customer_id: UUID, email_hash: bytes, *, kind: str | None, after: Cursor | None, most: int
) -> list[tuple[TimelineItem, Cursor]]:
    """The newest first, each with its place; all kinds, or one."""
    at, key = after or (None, None)
    given = {"customer_id": customer_id, "hash": email_hash, "kind": kind, "at": at, "key": key}
    rows = await tx.execute(_LIST, given | {"most": most})
    return [(_item(row), (row["at"], row["key"])) for row in rows.mappings()]


def _item(row: RowMapping) -> TimelineItem:
    return TimelineItem(**{name: row[name] for name in TimelineItem.__struct_fields__})
