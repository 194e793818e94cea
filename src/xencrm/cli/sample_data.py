"""`sample-data`: a made-up shop through the real ingestion path."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from xencrm.cli.session import FAILED, ApiKey, Url, fail, run
from xencrm.cli.shop import Shop, make_shop
from xencrm.client.arrival import wait_for_orders
from xencrm.client.batches import Rejected, Sent
from xencrm.client.client import Client

CHUNK = 1000


def sample_data(
    *,
    customers: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many customers.")] = 2000,
    orders: Annotated[int, typer.Option(min=0, max=10_000_000, help="How many orders in all.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same shop.")] = 1,
    wait_s: Annotated[float, typer.Option(min=1, help="How long to wait for the profiles.")] = 300.0,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Fill in made-up customers and orders through the API, and wait until they show."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    async def work(client: Client, console: Console) -> int:
        shop = make_shop(customers, orders, seed, today)
        with _progress(console) as progress:
            if rejected := await _post(client, shop, progress):
                progress.stop()
                return _told(rejected)
            await _show_arrival(client, shop, progress, wait_s)
        console.print(f"{len(shop.customers)} customers and {len(shop.orders)} orders @{shop.domain}")
        return 0

    run(work, url, api_key)


async def _post(client: Client, shop: Shop, progress: Progress) -> list[Rejected]:
    """Customers, then orders; the rows that were not taken."""
    people = progress.add_task("customers", total=len(shop.customers))
    orders = progress.add_task("orders", total=len(shop.orders))

    def follow(task: TaskID, sent: Sent) -> None:
        progress.update(task, completed=sent.accepted + len(sent.rejected))

    first = await client.customers.post_batch(
        shop.customers, chunk_rows=CHUNK, progress=lambda sent: follow(people, sent)
    )
    then = await client.orders.post_batch(
        shop.orders, chunk_rows=CHUNK, progress=lambda sent: follow(orders, sent)
    )
    return first.rejected + then.rejected


async def _show_arrival(client: Client, shop: Shop, progress: Progress, wait_s: float) -> None:
    completed = Counter(order.customer_email for order in shop.orders if order.order_status == "COMPLETED")
    expected = {customer.email: completed[customer.email] for customer in shop.customers}
    task = progress.add_task("in profiles", total=len(expected))
    try:
        await wait_for_orders(
            client,
            shop.domain,
            expected,
            timeout_s=wait_s,
            progress=lambda count: progress.update(task, completed=count),
        )
    except TimeoutError as late:
        progress.stop()
        fail(f"{late} after {wait_s:g} s; `xencrm doctor` shows what is behind")


def _told(rejected: list[Rejected]) -> int:
    for row in rejected[:5]:
        typer.echo(f"rejected row {row.index}: {'; '.join(map(str, row.errors))}", err=True)
    typer.echo(f"error: {len(rejected)} rows were rejected", err=True)
    return FAILED


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
