"""`vendors`: what can carry messages."""

import typer
from rich.console import Console

from xencrm.cli.session import ApiKey, Url, run
from xencrm.client.client import Client
from xencrm.client.vendors import Vendor


def vendors(url: Url = None, api_key: ApiKey = None) -> None:
    """The vendors that this version knows: what each lacks, its rate, and whether it is left alone."""

    async def work(client: Client, console: Console) -> int:
        for vendor in await client.vendors():
            typer.echo(_line(vendor))
        return 0

    run(work, url, api_key)


def _line(vendor: Vendor) -> str:
    standing = "ready" if vendor.configured else f"needs {', '.join(vendor.missing)}"
    rate = "any rate" if vendor.rate_per_s is None else f"{vendor.rate_per_s:g}/s"
    return "\t".join((vendor.name, standing, rate, _breaker(vendor)))


def _breaker(vendor: Vendor) -> str:
    match vendor.breaker.state:
        case "closed":
            return "-"
        case "open" if vendor.breaker.until:
            return f"left alone until {vendor.breaker.until.isoformat(timespec='seconds')}"
        case _:
            return f"failed {vendor.breaker.failures} times, is being tried"
