"""Calls of every tool of the MCP server: well-formed ones, good ones, and ones that cannot be done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from tests.support.furnished import Office
from tests.support.product import Product
from tests.support.waiting import until
from xencrm.kernel.clock import utc_now

Arguments = dict[str, Any]
RULES: Final = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 1}]}
ABSURD: Final = {"combinator": "and", "rules": [{"field": "shoe_size", "operator": ">", "value": 1}]}
# Nobody's and nothing's.
ID: Final = str(uuid4())

WELL_FORMED: Final[dict[str, Arguments]] = {
    "add_customer": {"name": "Asha", "email": "asha@shop.example"},
    "add_order": {"customer_email": "asha@shop.example", "order_amount": 10},
    "search_customers": {},
    "get_customer": {"customer_id": ID},
    "list_segments": {},
    "describe_segment_fields": {},
    "create_segment": {"name": "a", "rules": RULES},
    "preview_segment": {"rules": RULES},
    "explain_segment": {"rules": RULES, "customer_id": ID},
    "create_campaign": {"name": "a", "segment_id": ID, "message_template": "Hi"},
    "list_campaigns": {},
    "get_campaign_stats": {"campaign_id": ID},
    "campaign_failures": {"campaign_id": ID},
    "preview_campaign": {"campaign_id": ID},
    "launch_campaign": {"campaign_id": ID, "plan_token": "x"},
    "pause_campaign": {"campaign_id": ID},
    "resume_campaign": {"campaign_id": ID},
    "cancel_campaign": {"campaign_id": ID},
    "dashboard": {},
    "dead_letters": {},
}

# What cannot be done, and words that say why and what to do next.
IMPOSSIBLE: Final[dict[str, tuple[Arguments, tuple[str, ...]]]] = {
    "add_customer": ({"name": "Asha", "email": "asha"}, ("email", "arguments")),
    "add_order": (
        {"customer_email": f"{ID}@shop.example", "order_amount": 10},
        ("customer", "call add_customer first"),
    ),
    "search_customers": ({"sort": "shoe_size"}, ("sort", "describe_segment_fields")),
    "get_customer": ({"email": f"{ID}@shop.example"}, ("No customer", "search_customers")),
    "list_segments": ({"limit": 0}, ("limit", "list_segments takes")),
    "describe_segment_fields": ({"segment": "a"}, ("segment", "takes no arguments")),
    "create_segment": ({"name": "a", "rules": ABSURD}, ("shoe_size", "describe_segment_fields")),
    "preview_segment": ({"rules": ABSURD}, ("shoe_size", "describe_segment_fields")),
    "explain_segment": ({"segment_id": ID, "customer_id": ID}, ("no segment", "list_segments")),
    "create_campaign": (WELL_FORMED["create_campaign"], ("segment_id", "list_segments")),
    "list_campaigns": ({"status": "SENT"}, ("SENT", "list_campaigns takes")),
    "get_campaign_stats": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "campaign_failures": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "preview_campaign": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "launch_campaign": (WELL_FORMED["launch_campaign"], ("no campaign", "list_campaigns")),
    "pause_campaign": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "resume_campaign": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "cancel_campaign": ({"campaign_id": ID}, ("no campaign", "list_campaigns")),
    "dashboard": ({"days": 0}, ("days", "dashboard takes")),
    "dead_letters": ({"service": "postgres"}, ("postgres", "dead_letters takes")),
}


@dataclass(frozen=True)
class Workshop(Office):
    """Makes what a good call of a tool is about; a new thing for each that changes one."""

    email: str
    city: str
    customer_id: str
    segment_id: str

    async def good(self, tool: str) -> Arguments:
        """What the tool can be called with once, now."""
        return await _MAKERS[tool](self)

    async def sketch(self) -> str:
        return await self.draft(uuid4().hex, self.segment_id)

    async def underway(self) -> str:
        """While the simulator is slow."""
        campaign_id = await self.sketch()
        await self.do(campaign_id, "launch")
        return campaign_id


async def open_workshop(product: Product) -> Workshop:
    """With a customer of a city of their own, and the segment that finds just them."""
    city = uuid4().hex
    email = f"{city}@shop.example"
    body = {"name": "Asha Rao", "email": email, "attributes": {"city": city}}
    await product.ask("POST", "/customers", json=body)
    found = await until(
        lambda: product.ask("GET", "/profiles", params={"q": email}), lambda page: page["items"]
    )
    rules = {"combinator": "and", "rules": [{"field": "attributes.city", "operator": "=", "value": city}]}
    segment_id = await Office(product).segment(city, rules)
    return Workshop(product, email, city, found["items"][0]["customer_id"], segment_id)


Maker = Callable[[Workshop], Awaitable[Arguments]]


def _always(given: Callable[[Workshop], Arguments]) -> Maker:
    async def make(shop: Workshop) -> Arguments:
        return given(shop)

    return make


async def _of_sketch(shop: Workshop) -> Arguments:
    return {"campaign_id": await shop.sketch()}


async def _launch(shop: Workshop) -> Arguments:
    campaign_id = await shop.sketch()
    seen = await shop.product.ask("POST", f"/campaigns/{campaign_id}/preview")
    return {"campaign_id": campaign_id, "plan_token": seen["plan_token"]}


async def _pause(shop: Workshop) -> Arguments:
    return {"campaign_id": await shop.underway()}


async def _resume(shop: Workshop) -> Arguments:
    campaign_id = await shop.underway()
    await shop.do(campaign_id, "pause")
    return {"campaign_id": campaign_id}


async def _cancel(shop: Workshop) -> Arguments:
    campaign_id = await shop.sketch()
    await shop.do(campaign_id, "schedule", scheduled_at=(utc_now() + timedelta(days=1)).isoformat())
    return {"campaign_id": campaign_id}


_MAKERS: Final[dict[str, Maker]] = {
    "add_customer": _always(lambda shop: {"name": "Ravi", "email": f"{uuid4().hex}@shop.example"}),
    "add_order": _always(lambda shop: {"customer_email": shop.email, "order_amount": "10.50"}),
    "search_customers": _always(lambda shop: {"q": shop.email}),
    "get_customer": _always(lambda shop: {"customer_id": shop.customer_id}),
    "list_segments": _always(lambda shop: {"q": shop.city}),
    "describe_segment_fields": _always(lambda shop: {}),
    "create_segment": _always(lambda shop: {"name": uuid4().hex, "rules": RULES}),
    "preview_segment": _always(lambda shop: {"segment_id": shop.segment_id}),
    "explain_segment": _always(lambda shop: {"segment_id": shop.segment_id, "customer_id": shop.customer_id}),
    "create_campaign": _always(
        lambda shop: {"name": uuid4().hex, "segment_id": shop.segment_id, "message_template": "Hi {name}"}
    ),
    "list_campaigns": _always(lambda shop: {"limit": 5}),
    "get_campaign_stats": _of_sketch,
    "campaign_failures": _of_sketch,
    "preview_campaign": _of_sketch,
    "launch_campaign": _launch,
    "pause_campaign": _pause,
    "resume_campaign": _resume,
    "cancel_campaign": _cancel,
    "dashboard": _always(lambda shop: {"days": 7}),
    "dead_letters": _always(lambda shop: {}),
}
MADE: Final = frozenset(_MAKERS)
