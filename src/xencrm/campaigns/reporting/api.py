"""Routes of numbers."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.reporting import campaigns, live, operations, timeline
from xencrm.campaigns.reporting.overview import find_dashboard
from xencrm.campaigns.reporting.progress import progress_of
from xencrm.campaigns.reporting.schemas import (
    CampaignStatsWithLinks,
    CampaignWithStats,
    Dashboard,
    Operations,
    TimelineItem,
)
from xencrm.campaigns.reporting.sheet import stats_as_csv
from xencrm.campaigns.services import Provided, Services
from xencrm.kernel.http.headers import ASKED_HEAD
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.http.sheets import CSV, download
from xencrm.kernel.http.streams import EVENT_STREAM, HEADERS, Topic

_TOPIC = "dashboard|operations|campaigns|campaign:[0-9a-fA-F-]{36}"
Topics = Annotated[
    str,
    QueryParameter(
        description="what to tell of, up to 20 with commas between",
        schema_extra={"pattern": rf"^({_TOPIC})(,({_TOPIC}))*$"},
    ),
]
Archived = Annotated[bool, QueryParameter(description="the archived campaigns instead of the others")]
Kind = Literal["joined", "order", "message", "receipt", "open", "click", "suppression"]
OfKind = Annotated[Kind | None, QueryParameter(description="only these")]
Days = Annotated[int, QueryParameter(ge=1, le=366, description="days of the series, the last one today")]


async def get_campaign_stats(campaign_id: FromPath[UUID], services: Provided) -> CampaignStatsWithLinks:
    """A campaign's numbers."""
    async with services.database.transaction() as tx:
        return await campaigns.get_stats(tx, campaign_id)


async def stream_campaign(
    campaign_id: FromPath[UUID], services: Provided, request: HttpRequest
) -> Response[str]:
    """A campaign's numbers as server-sent events: `stats` at once and when they change, `end` at the end."""
    async with services.database.transaction() as tx:
        await campaigns.find_stats(tx, campaign_id)
    return _streamed(services, request, [progress_of(services.database, campaign_id)])


async def stream_topics(
    services: Provided, request: HttpRequest, topics: Topics, days: Days = 30
) -> Response[str]:
    """Several things as server-sent events in one stream: each at once and when it changes.

    `dashboard` (of so many days), `operations`, `campaigns` (those under way), `campaign:<campaign_id>`.
    """
    names = live.read_topics(topics)
    async with services.database.transaction() as tx:
        for campaign_id in filter(None, map(live.campaign_of, names)):
            await campaigns.find_stats(tx, campaign_id)
    return _streamed(services, request, [live.topic_of(name, services, days) for name in names])


def _streamed(services: Services, request: HttpRequest, topics: Sequence[Topic]) -> Response[str]:
    if request.scope.get(ASKED_HEAD):
        return Response("", media_type=EVENT_STREAM, headers=HEADERS)
    frames = services.hub.open(*topics)
    return cast(Response[str], Stream(frames, media_type=EVENT_STREAM, headers=HEADERS))


async def list_campaign_stats(
    services: Provided, archived: Archived = False, limit: Limit = 100, cursor: PageCursor = None
) -> Page[CampaignWithStats]:
    """All campaigns with their numbers, the newest first: the archived ones, or the others."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await campaigns.list_stats(tx, before[0] if before else None, limit + 1, archived=archived)
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].campaign_id) if more else None)


async def download_campaign_stats(services: Provided, archived: Archived = False) -> Response[str]:
    """All campaigns with their numbers as CSV, for spreadsheets."""
    table = await stats_as_csv(services.database, archived=archived)
    return Response(table, media_type=CSV, headers=download("campaign-stats.csv"))


async def list_timeline(
    *,
    customer_id: FromPath[UUID],
    services: Provided,
    hashes: NamedDependency[AddressHashes],
    kind: OfKind = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Page[TimelineItem]:
    """What happened with a customer, the newest first: orders, messages, receipts, opens, clicks, consent."""
    after = decode_cursor(cursor, timeline.Cursor)
    async with services.database.transaction() as tx:
        profile = await profiles.get_profile(tx, customer_id)
        email_hash = hashes(profile.email)
        found = await timeline.list_timeline(
            tx, customer_id, email_hash, kind=kind, after=after, most=limit + 1
        )
    shown = [item for item, _ in found[:limit]]
    return Page(shown, encode_cursor(*found[limit - 1][1]) if len(found) > limit else None)


async def get_dashboard(services: Provided, days: Days = 30) -> Dashboard:
    """Totals of all time, the last days one by one and together, and as many days before them."""
    async with services.database.transaction() as tx:
        return await find_dashboard(tx, days, services.settings.time_zone)


async def get_operations(services: Provided) -> Operations:
    """Queues, lag and dead letters of this service."""
    return await operations.look(services)
