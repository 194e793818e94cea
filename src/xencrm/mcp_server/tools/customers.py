"""Customers, looked up."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from xencrm.client.profiles import Profile, TimelineItem
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.rules import GivenRules
from xencrm.mcp_server.shapes import ShownCustomer, attribute_words, customer_line, shown_customer
from xencrm.mcp_server.tool import Arguments, Mistaken, Reply, Tool
from xencrm.mcp_server.words import Words, count, quoted

FIND: Final = "search_customers finds customers and their ids."
TIMELINE: Final = 20


class SearchCustomers(Arguments, kw_only=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(description="words in the name or the e-mail address")] = ""
    rules: GivenRules | None = None
    sort: Annotated[
        str, Meta(description="a field, with - before it for the largest first: -total_spend")
    ] = "-created_at"
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(description="next_cursor of the page before")] | None = None


class FoundCustomers(Struct, kw_only=True):
    """`next_cursor`: for the next page; null on the last."""

    customers: list[ShownCustomer]
    next_cursor: str | None


class GetCustomer(Arguments, kw_only=True, forbid_unknown_fields=True):
    customer_id: UUID | None = None
    email: Annotated[str, Meta(description="instead of customer_id")] | None = None


class Happening(Struct, kw_only=True):
    """Something that happened with a customer."""

    at: datetime
    kind: str
    what: str


class CustomerWithTimeline(Struct, kw_only=True):
    customer: ShownCustomer
    timeline: list[Happening]


async def search_customers(desk: Desk, asked: SearchCustomers) -> Reply[FoundCustomers]:
    page = await desk.client.profiles.list(
        q=asked.q or None, sort=asked.sort, rules=asked.rules, limit=asked.limit, cursor=asked.cursor
    )
    lines = [customer_line(profile, desk.words) for profile in page.items]
    more = [f"There are more: call again with cursor {page.next_cursor!r}."] if page.next_cursor else []
    text = "\n".join([f"{count(len(lines), 'customer')} found.", *lines, *more])
    shown = [shown_customer(profile) for profile in page.items]
    return Reply(text, FoundCustomers(customers=shown, next_cursor=page.next_cursor))


async def get_customer(desk: Desk, asked: GetCustomer) -> Reply[CustomerWithTimeline]:
    profile = await _find(desk, asked)
    page = await desk.client.profiles.timeline(profile.customer_id, limit=TIMELINE)
    timeline = [Happening(at=item.at, kind=item.kind, what=_what(item, desk.words)) for item in page.items]
    lines = [f"- {desk.words.time(each.at)}: {each.what}" for each in timeline]
    text = "\n".join([*_card(profile, desk.words), "What happened, the newest first:", *lines])
    return Reply(text, CustomerWithTimeline(customer=shown_customer(profile), timeline=timeline))


async def _find(desk: Desk, asked: GetCustomer) -> Profile:
    if asked.customer_id is not None:
        return await desk.client.profiles.get(str(asked.customer_id))
    if not asked.email:
        raise Mistaken(f"Give customer_id or email. {FIND}")
    email = asked.email.strip().lower()
    page = await desk.client.profiles.list(q=email)
    found = next((profile for profile in page.items if profile.email == email), None)
    if found is None:
        raise Mistaken(f"No customer has this address. {FIND}")
    return found


def _card(profile: Profile, words: Words) -> list[str]:
    return [
        customer_line(profile, words).removeprefix("- "),
        f"phone: {quoted(profile.phone) if profile.phone else '-'}; visits: {profile.total_visits:,}; "
        f"customer since {words.time(profile.created_at)}",
        f"attributes: {attribute_words(profile.attributes)}",
    ]


def _what(item: TimelineItem, words: Words) -> str:
    match item.kind:
        case "joined":
            return "became a customer"
        case "order":
            return f"order {quoted(item.order_id)} of {words.money(item.order_amount)}, {item.status}"
        case "suppression":
            return f"must not be written to any more: {item.reason}"
    of = f"of campaign {item.campaign_name!r}"
    times = f" {count(item.count, 'time')}" if item.count else ""
    said = " ".join(part for part in (item.status, item.reason) if part)
    return f"{item.kind} {of}{times}{f' ({said})' if said else ''}"


TOOLS: Final = (
    Tool(
        "search_customers",
        "Search customers",
        "Find customers by words in their name or address, by a rule as segments have it, or both.",
        SearchCustomers,
        FoundCustomers,
        search_customers,
        hint="describe_segment_fields says what rules and sort can name.",
        reads=True,
    ),
    Tool(
        "get_customer",
        "Show a customer",
        "One customer with totals, attributes and the last 20 things that happened, by id or e-mail address.",
        GetCustomer,
        CustomerWithTimeline,
        get_customer,
        hint=FIND,
        reads=True,
    ),
)
