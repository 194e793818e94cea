"""Routes of numbers."""

from typing import Annotated, cast
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.model import Sort, SortField
from xencrm.campaigns.profiles.schemas import shown_profile
from xencrm.campaigns.reporting import campaigns, dashboard, operations
from xencrm.campaigns.reporting.period import period_until
from xencrm.campaigns.reporting.progress import progress_of
from xencrm.campaigns.reporting.schemas import (
    CampaignStatsWithLinks,
    CampaignWithStats,
    Dashboard,
    Operations,
)
from xencrm.campaigns.services import Provided
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.headers import ASKED_HEAD
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.http.streams import EVENT_STREAM, HEADERS

LATEST = 5
NEWEST_FIRST = Sort(SortField.CREATED_AT, descending=True)
Archived = Annotated[bool, QueryParameter(description="the archived campaigns instead of the others")]
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
    if request.scope.get(ASKED_HEAD):
        return Response("", media_type=EVENT_STREAM, headers=HEADERS)
    frames = services.hub.open(progress_of(services.database, campaign_id))
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


async def get_dashboard(services: Provided, days: Days = 30) -> Dashboard:
    """Totals of all time, the last days one by one and together, and as many days before them."""
    now = utc_now()
    period = period_until(now, days, services.settings.time_zone)
    async with services.database.transaction() as tx:
        newest = await profiles.search_profiles(
            tx, words=(), matching=None, sort=NEWEST_FIRST, after=None, limit=LATEST
        )
        by_day = await dashboard.find_days(tx, period)
        launched_before, launched = await dashboard.count_launched(tx, period)
        return Dashboard(
            totals=await dashboard.find_totals(tx),
            current=dashboard.span_of(by_day, period.each_day(), launched),
            previous=dashboard.span_of(by_day, period.each_day_before(), launched_before),
            series=dashboard.series_of(by_day, period),
            latest_campaigns=await campaigns.list_stats(tx, None, LATEST),
            newest_customers=[shown_profile(profile, now) for profile in newest],
        )


async def get_operations(services: Provided) -> Operations:
    """Queues, lag and dead letters of this service."""
    depths = await operations.list_depths(services.broker, services.queues)
    async with services.database.transaction() as tx:
        return await operations.find_operations(tx, services.queues, depths)
