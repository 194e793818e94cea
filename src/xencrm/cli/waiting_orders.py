"""`waiting-orders`: orders that were accepted and whose customer has not come."""

from typing import Annotated

import typer
from rich.console import Console

from xencrm.cli.session import ApiKey, Url, run
from xencrm.client.client import Client
from xencrm.client.orders import WaitingOrder


def waiting_orders(
    email: Annotated[
        str | None, typer.Option(help="Only those of a customer with this address.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """The orders that wait for their customer, the longest waiting first."""

    async def work(client: Client, console: Console) -> int:
        page = await client.orders.list_waiting(customer_email=email, limit=limit)
        for order in page.items:
            typer.echo(_line(order))
        if page.next_cursor:
            typer.echo("there are more; --limit shows up to 1000", err=True)
        return 0

    run(work, url, api_key)


def _line(order: WaitingOrder) -> str:
    since = order.waiting_since.isoformat(timespec="seconds")
    customer = order.customer_email or order.customer_id or "-"
    return "\t".join((order.order_id, customer, since, order.reason))
