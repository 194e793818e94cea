"""Programs that act by themselves, each with a key of its own, and what they launch."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from tests.support.campaigns import add_customers, customer
from tests.support.service import RunningService
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.planning.starting import start_due
from xencrm.kernel.clock import utc_now

_HOUR = utc_now().hour
# Midnight is hours away there, and where it can be it is another day than by UTC.
ZONE: Final = "Etc/GMT-14" if _HOUR >= 12 else "Etc/GMT+12" if _HOUR < 10 else "UTC"
VENDORS: Final = ("simulator",)
TOMORROW: Final = (utc_now() + timedelta(days=1)).isoformat()


@dataclass
class Program:
    """Asks with a key of its own."""

    campaigns: RunningService
    key_id: str
    name: str
    key: str

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        options = {} if body is None else {"json": body}
        headers = {"Authorization": f"Bearer {self.key}"}
        return await self.campaigns.ask(method, path, role=None, headers=headers, **options)

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return await self.ask("POST", path, body)

    async def token(self, path: str) -> str:
        status, shown = await self.post(f"{path}/preview")
        assert status == 200, shown
        return str(shown["plan_token"])


async def program(campaigns: RunningService, **limits: Any) -> Program:
    name = f"agent {uuid4().hex}"
    status, made = await campaigns.post("/api-keys", {"name": name, "role": "marketer", **limits})
    assert status == 201, made
    return Program(campaigns, made["key_id"], name, made["key"])


async def segment_of(campaigns: RunningService, size: int) -> tuple[str, dict[str, Any]]:
    """So many customers of a city of their own, and the segment that finds them."""
    city = uuid4().hex
    await add_customers(campaigns, [customer(attributes={"city": city}) for _ in range(size)])
    condition = {"field": "attributes.city", "operator": "=", "value": city}
    segment = {"name": city, "rules": {"combinator": "and", "rules": [condition]}}
    status, made = await campaigns.post("/segments", segment)
    assert status == 201, made
    return city, {**segment, "segment_id": made["segment_id"]}


async def campaign_for(campaigns: RunningService, size: int = 1, **fields: Any) -> str:
    _, segment = await segment_of(campaigns, size)
    body = {"name": "Autumn", "segment_id": segment["segment_id"], "message_template": "Hi", **fields}
    status, made = await campaigns.post("/campaigns", body)
    assert status == 201, made
    return f"/campaigns/{made['campaign_id']}"


async def status_of(campaigns: RunningService, path: str) -> str:
    return str((await campaigns.get(path))[1]["status"])


async def prepare(campaigns: RunningService, path: str) -> None:
    while await audience.prepare_chunk(campaigns.database, UUID(path.rpartition("/")[2]), zone=ZONE):
        pass


async def begin(campaigns: RunningService, path: str) -> dict[str, Any]:
    """What becomes of a schedule whose time has come."""
    query = "UPDATE campaigns SET scheduled_at = now() WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(query, id=path.rpartition("/")[2])
    await start_due(campaigns.database, VENDORS, needs_plan=False, zone=ZONE)
    return dict((await campaigns.get(path))[1])
