"""`campaigns`: write one, launch it, watch it."""

from typing import Annotated

import typer
from msgspec import UNSET
from rich.console import Console

from xencrm.cli.session import FAILED, ApiKey, Url, fail, run
from xencrm.cli.watch import watch
from xencrm.client.campaigns import NewCampaign
from xencrm.client.client import Client

campaigns = typer.Typer(no_args_is_help=True, help="One message template for one segment.")

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", show_default=False)]


@campaigns.command("create")
def create(
    *,
    name: Annotated[str, typer.Option(help="What the campaign is called.")],
    segment: Annotated[str, typer.Option(help="Id of the segment.")],
    message: Annotated[str, typer.Option(help="The text, in Liquid: Hi {{ first_name }}.")],
    subject: Annotated[str | None, typer.Option(help="Subject of an e-mail.")] = None,
    vendor: Annotated[str | None, typer.Option(help="What carries the messages.")] = None,
    holdout: Annotated[int, typer.Option(min=0, max=50, help="Percent who get nothing, to compare.")] = 0,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Write a draft; prints the campaign's id."""
    draft = NewCampaign(
        name=name,
        segment_id=segment,
        message_template=message,
        subject=subject or UNSET,
        vendor=vendor or UNSET,
        holdout_percent=holdout or UNSET,
    )

    async def work(client: Client, console: Console) -> int:
        typer.echo((await client.campaigns.create(draft)).campaign_id)
        return 0

    run(work, url, api_key)


@campaigns.command("launch")
def launch(
    campaign_id: CampaignId,
    follow: Annotated[bool, typer.Option("--watch/--no-watch", help="Stay until it has ended.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Launch a draft and watch it; the exit code is 0 when it is COMPLETED."""

    async def work(client: Client, console: Console) -> int:
        await client.campaigns.launch(campaign_id)
        return await _follow(client, campaign_id, console) if follow else 0

    run(work, url, api_key)


@campaigns.command("watch")
def watch_one(campaign_id: CampaignId, url: Url = None, api_key: ApiKey = None) -> None:
    """Progress as it happens; the exit code is 0 when the campaign is COMPLETED."""

    async def work(client: Client, console: Console) -> int:
        if (await client.campaigns.get(campaign_id)).status == "DRAFT":
            fail(f"it is a draft; `xencrm campaigns launch {campaign_id}` starts it")
        return await _follow(client, campaign_id, console)

    run(work, url, api_key)


async def _follow(client: Client, campaign_id: str, console: Console) -> int:
    ended = await watch(client, campaign_id, console)
    return 0 if ended.status == "COMPLETED" else FAILED
