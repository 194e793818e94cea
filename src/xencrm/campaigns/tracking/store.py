"""Opens and clicks in the Business DB."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from xencrm.campaigns.tracking.model import Seen, Times
from xencrm.campaigns.tracking.template_links import TemplateLink
from xencrm.kernel.database import Tx

_IS_TRACKED = text("SELECT track FROM campaigns WHERE campaign_id = :campaign_id")
_KEEP_LINKS = text("""
    INSERT INTO campaign_links (campaign_id, link, url)
    SELECT CAST(:campaign_id AS uuid), link, url
    FROM unnest(CAST(:keys AS bigint[]), CAST(:urls AS text[])) AS given (link, url)
    ORDER BY link
    ON CONFLICT DO NOTHING
""")
# Whatever is new is counted in the statement that writes it down: what is there already, also when another
# process wrote it a moment ago, comes back with its old values. Nothing is kept of who was erased.
_RECORD = text("""
    WITH given AS (
        SELECT * FROM unnest(
            CAST(:months AS date[]), CAST(:ids AS uuid[]), CAST(:links AS bigint[]),
            CAST(:counts AS integer[]), CAST(:first AS timestamptz[]), CAST(:last AS timestamptz[])
        ) AS given (campaign_month, message_id, link, times, first_at, last_at)
    ), ours AS (
        SELECT given.*, message.campaign_id
        FROM given JOIN communication_log AS message USING (message_id, campaign_month)
        WHERE message.message_id = ANY(CAST(:ids AS uuid[]))
          AND message.campaign_month = ANY(CAST(:months AS date[]))
          AND NOT EXISTS (SELECT FROM tombstones WHERE tombstones.customer_id = message.customer_id)
    ), engaged AS (
        INSERT INTO engagements AS known (
            campaign_month, message_id, campaign_id, opens, first_opened_at, last_opened_at,
            clicks, first_clicked_at, last_clicked_at
        )
        SELECT campaign_month, message_id, campaign_id,
               coalesce(sum(times) FILTER (WHERE link IS NULL), 0),
               min(first_at) FILTER (WHERE link IS NULL), max(last_at) FILTER (WHERE link IS NULL),
               coalesce(sum(times) FILTER (WHERE link IS NOT NULL), 0),
               min(first_at) FILTER (WHERE link IS NOT NULL), max(last_at) FILTER (WHERE link IS NOT NULL)
        FROM ours GROUP BY message_id, campaign_month, campaign_id ORDER BY message_id
        ON CONFLICT (message_id, campaign_month) DO UPDATE
        SET opens = known.opens + excluded.opens,
            first_opened_at = least(known.first_opened_at, excluded.first_opened_at),
            last_opened_at = greatest(known.last_opened_at, excluded.last_opened_at),
            clicks = known.clicks + excluded.clicks,
            first_clicked_at = least(known.first_clicked_at, excluded.first_clicked_at),
            last_clicked_at = greatest(known.last_clicked_at, excluded.last_clicked_at)
        RETURNING known.campaign_id,
                  new.opens > 0 AND coalesce(old.opens, 0) = 0 AS is_opened,
                  new.clicks > 0 AND coalesce(old.clicks, 0) = 0 AS is_clicked
    ), clicked AS (
        INSERT INTO link_clicks AS known (
            campaign_month, message_id, link, campaign_id, clicks, first_at, last_at
        )
        SELECT campaign_month, message_id, link, campaign_id, times, first_at, last_at
        FROM ours WHERE link IS NOT NULL ORDER BY message_id, link
        ON CONFLICT (message_id, link, campaign_month) DO UPDATE
        SET clicks = known.clicks + excluded.clicks, first_at = least(known.first_at, excluded.first_at),
            last_at = greatest(known.last_at, excluded.last_at)
        RETURNING known.campaign_id, known.link, old.clicks IS NULL AS is_first
    ), counted AS (
        INSERT INTO campaign_engagement AS stats (campaign_id, opened, clicked)
        SELECT campaign_id, count(*) FILTER (WHERE is_opened), count(*) FILTER (WHERE is_clicked)
        FROM engaged WHERE is_opened OR is_clicked GROUP BY campaign_id ORDER BY campaign_id
        ON CONFLICT (campaign_id) DO UPDATE
        SET opened = stats.opened + excluded.opened, clicked = stats.clicked + excluded.clicked
    ), delta AS (
        SELECT campaign_id, link, count(*) AS messages FROM clicked WHERE is_first GROUP BY campaign_id, link
    ), locked AS (
        SELECT campaign_id, link FROM campaign_links
        WHERE (campaign_id, link) IN (SELECT campaign_id, link FROM delta)
        ORDER BY campaign_id, link FOR NO KEY UPDATE
    )
    UPDATE campaign_links AS links SET clicks = links.clicks + delta.messages
    FROM locked JOIN delta USING (campaign_id, link)
    WHERE links.campaign_id = locked.campaign_id AND links.link = locked.link
""")
_LINKS = text("""
    SELECT url, clicks FROM campaign_links WHERE campaign_id = :campaign_id ORDER BY clicks DESC, url
""")
_ENGAGEMENT = text("""
    SELECT opens, first_opened_at, last_opened_at FROM engagements
    WHERE message_id = :message_id AND opens > 0
""")
_CLICKS = text("""
    SELECT url, clicked.clicks, first_at, last_at
    FROM link_clicks AS clicked JOIN campaign_links AS links USING (campaign_id, link)
    WHERE message_id = :message_id ORDER BY first_at, url
""")


async def is_tracked(tx: Tx, campaign_id: UUID) -> bool:
    return bool((await tx.execute(_IS_TRACKED, {"campaign_id": campaign_id})).scalar_one())


async def keep_links(tx: Tx, campaign_id: UUID, links: Sequence[TemplateLink]) -> None:
    """Those that are known already stay as they are."""
    given = {"keys": [link.key for link in links], "urls": [link.url for link in links]}
    await tx.execute(_KEEP_LINKS, {"campaign_id": campaign_id, **given})


async def record(tx: Tx, seen: Mapping[Seen, Times]) -> None:
    """Adds to what is known of each message and link, and to the counters of their campaigns."""
    await tx.execute(
        _RECORD,
        {
            "months": [item.campaign_month for item in seen],
            "ids": [item.message_id for item in seen],
            "links": [item.link for item in seen],
            "counts": [times.count for times in seen.values()],
            "first": [times.first_at for times in seen.values()],
            "last": [times.last_at for times in seen.values()],
        },
    )


async def list_links(tx: Tx, campaign_id: UUID) -> Sequence[RowMapping]:
    """(url, clicks), the most clicked first."""
    return (await tx.execute(_LINKS, {"campaign_id": campaign_id})).mappings().all()


async def find_opens(tx: Tx, message_id: UUID) -> Times | None:
    row = (await tx.execute(_ENGAGEMENT, {"message_id": message_id})).one_or_none()
    return Times(*row) if row else None


async def list_clicks(tx: Tx, message_id: UUID) -> list[tuple[str, Times]]:
    """By link, in the order in which they were first clicked."""
    rows = await tx.execute(_CLICKS, {"message_id": message_id})
    return [(url, Times(*times)) for url, *times in rows]
