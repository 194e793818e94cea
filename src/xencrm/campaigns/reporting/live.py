"""What one stream may carry: the dashboard, how the parts are, the campaigns under way, single campaigns."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from xencrm.campaigns.reporting import campaigns, operations, overview
from xencrm.campaigns.reporting.schemas import CampaignProgress, CampaignsUnderWay, CampaignWithStats
from xencrm.campaigns.services import Services
from xencrm.kernel.errors import FieldError, InvalidInput
from xencrm.kernel.http.streams import Told, Topic

MOST_TOPICS: Final = 20
# What is summed up over all that there is, or asked of the broker, is looked at less often.
SLOWLY_S: Final = 2.0
_OF_CAMPAIGN: Final = "campaign:"


def read_topics(topics: str) -> list[str]:
    """The names between commas, each once. Raises InvalidInput."""
    names = list(dict.fromkeys(name.strip() for name in topics.split(",")))
    unknown = [name for name in names if name not in _TOPICS and campaign_of(name) is None]
    if unknown:
        raise InvalidInput(errors=[FieldError("topics", f"there is no topic {unknown[0][:100]!r}")])
    if len(names) > MOST_TOPICS:
        raise InvalidInput(errors=[FieldError("topics", f"at most {MOST_TOPICS} topics")])
    return names


def campaign_of(name: str) -> UUID | None:
    """Whose progress a topic is."""
    try:
        return UUID(name.removeprefix(_OF_CAMPAIGN)) if name.startswith(_OF_CAMPAIGN) else None
    except ValueError:
        return None


def topic_of(name: str, services: Services, days: int) -> Topic:
    campaign_id = campaign_of(name)
    if campaign_id is not None:
        return Topic(f"{_OF_CAMPAIGN}{campaign_id}", "campaign", partial(_campaign, services, campaign_id))
    return _TOPICS[name](services, days)


def _dashboard_topic(services: Services, days: int) -> Topic:
    return Topic(f"dashboard {days}", "dashboard", partial(_dashboard, services, days), SLOWLY_S)


def _operations_topic(services: Services, _: int) -> Topic:
    return Topic("operations", "operations", partial(_operations, services), SLOWLY_S)


def _campaigns_topic(services: Services, _: int) -> Topic:
    return Topic("campaigns", "campaigns", partial(_campaigns, services))


_TOPICS: Final[dict[str, Callable[[Services, int], Topic]]] = {
    "dashboard": _dashboard_topic,
    "operations": _operations_topic,
    "campaigns": _campaigns_topic,
}


async def _dashboard(services: Services, days: int) -> Told:
    async with services.database.transaction() as tx:
        found = await overview.find_dashboard(tx, days, services.settings.time_zone)
    latest = _without_moment(found.latest_campaigns)
    return _told(found, msgspec.structs.replace(found, latest_campaigns=latest))


async def _operations(services: Services) -> Told:
    found = await operations.look(services)
    return _told(found, found)


async def _campaigns(services: Services) -> Told:
    async with services.database.transaction() as tx:
        found = await campaigns.list_under_way(tx)
    return _told(CampaignsUnderWay(found), _without_moment(found))


async def _campaign(services: Services, campaign_id: UUID) -> Told:
    async with services.database.transaction() as tx:
        stats = await campaigns.get_stats(tx, campaign_id)
    return _told(CampaignProgress(campaign_id, stats), msgspec.structs.replace(stats, computed_at=None))


def _told(found: Struct, version: object) -> Told:
    return Told(data=msgspec.json.encode(found), version=version)


def _without_moment(found: Sequence[CampaignWithStats]) -> list[CampaignWithStats]:
    """When results were computed is nothing new by itself."""
    return [msgspec.structs.replace(each, computed_at=None) for each in found]
