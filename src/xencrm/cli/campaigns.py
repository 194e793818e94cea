"""`campaigns`: write one, look at what it would do, launch it, watch it."""

from datetime import datetime
from typing import Annotated

import typer
from msgspec import UNSET
from rich.console import Console

from xencrm.cli.preflight import show_preflight
from xencrm.cli.session import FAILED, WRONG, ApiKey, Url, fail, run
from xencrm.cli.watch import watch
from xencrm.client.campaigns import NewCampaign
from xencrm.client.client import Client

campaigns = typer.Typer(no_args_is_help=True, help="One message template for one segment.")

Plan = Annotated[
    str | None, typer.Option("--plan", help="Plan token of a preview, to be held to it.", show_default=False)
]
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


@campaigns.command("preview")
def preview(
    campaign_id: CampaignId,
    samples: Annotated[int, typer.Option(min=0, max=10, help="How many messages to show.")] = 3,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """What a launch would do now: how many, what is blank, and some of the messages."""

    async def work(client: Client, console: Console) -> int:
        show_preflight(await client.campaigns.preview(campaign_id), samples, console)
        return 0

    run(work, url, api_key)


@campaigns.command("test")
def send_test(
    campaign_id: CampaignId,
    email: Annotated[str | None, typer.Option(help="Where it goes; to the customer when left out.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Id of the customer it is about; made up when left out.")
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Send one message now, apart from the campaign; the exit code is 0 when the vendor took it."""

    async def work(client: Client, console: Console) -> int:
        trial = await client.campaigns.test(campaign_id, customer_id=customer, email=email)
        typer.echo(" ".join(filter(None, (trial.outcome, trial.address, trial.reason))))
        return 0 if trial.outcome in ("ACCEPTED", "DELIVERED") else FAILED

    run(work, url, api_key)


@campaigns.command("launch")
def launch(
    campaign_id: CampaignId,
    follow: Annotated[bool, typer.Option("--watch/--no-watch", help="Stay until it has ended.")] = True,
    plan: Plan = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Launch a draft and watch it; the exit code is 0 when it is COMPLETED."""

    async def work(client: Client, console: Console) -> int:
        await client.campaigns.launch(campaign_id, plan_token=plan)
        return await _follow(client, campaign_id, console) if follow else 0

    run(work, url, api_key)


@campaigns.command("schedule")
def schedule(
    campaign_id: CampaignId,
    *,
    at: Annotated[
        str | None, typer.Option(help="When: 2026-12-24T10:00, here, or with an offset such as +05:30.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Make it a draft again.")] = False,
    plan: Plan = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Let a campaign begin by itself; prints when."""
    if off == (at is not None):
        fail("say either --at when or --off", WRONG)
    scheduled_at = None if at is None else _moment(at)

    async def work(client: Client, console: Console) -> int:
        if scheduled_at is None:
            typer.echo((await client.campaigns.unschedule(campaign_id)).status)
        else:
            shown = await client.campaigns.schedule(campaign_id, scheduled_at, plan_token=plan)
            typer.echo(f"{shown.status} {scheduled_at.isoformat()}")
        return 0

    run(work, url, api_key)


@campaigns.command("duplicate")
def duplicate(campaign_id: CampaignId, url: Url = None, api_key: ApiKey = None) -> None:
    """Write a new draft with the same texts, segment and settings; prints its id."""

    async def work(client: Client, console: Console) -> int:
        typer.echo((await client.campaigns.duplicate(campaign_id)).campaign_id)
        return 0

    run(work, url, api_key)


@campaigns.command("archive")
def archive(campaign_id: CampaignId, url: Url = None, api_key: ApiKey = None) -> None:
    """Take a draft, or a campaign that has ended, out of the list for good."""

    async def work(client: Client, console: Console) -> int:
        await client.campaigns.archive(campaign_id)
        return 0

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


def _moment(text: str) -> datetime:
    """A time without an offset is one of this machine's zone."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        fail(f"--at {text}: {error}", WRONG)
