"""Campaigns: previewed, launched, paused, resumed, cancelled."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from xencrm.client.campaigns import Campaign
from xencrm.client.errors import Conflict
from xencrm.client.preflight import Preflight
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.shapes import ShownSample, sample_lines, shown_sample
from xencrm.mcp_server.tool import Mistaken, Reply, Tool
from xencrm.mcp_server.tools.campaigns import LIST, OfCampaign, ShownCampaign, campaign_line, shown_campaign
from xencrm.mcp_server.words import Words, count

ANEW: Final = "For a plan_token that fits call preview_campaign, show it to the person, launch with that."
ASK_FIRST: Final = "Ask the person first."
PROPOSE: Final = (
    "To launch it call launch_campaign: its card has a pre-flight of its own, which the person sees."
)


class PreviewCampaign(OfCampaign, kw_only=True, forbid_unknown_fields=True):
    samples: Annotated[int, Meta(ge=0, le=10, description="how many messages to show")] = 3


class LaunchCampaign(OfCampaign, kw_only=True, forbid_unknown_fields=True):
    plan_token: Annotated[str, Meta(min_length=1, description="what preview_campaign gave, unchanged")]


class Previewed(Struct, kw_only=True):
    """`count`: all whom the rule matches; of the `audience` those suppressed or inactive are skipped.
    `blank`: for how many a variable is. `plan_token` is for launch_campaign."""

    campaign_id: str
    count: int
    holdout: int
    audience: int
    suppressed: int
    inactive: int
    recipients: int
    blank: dict[str, int]
    samples: list[ShownSample]
    plan_token: str
    expires_at: datetime | None


async def preview_campaign(desk: Desk, asked: PreviewCampaign) -> Reply[Previewed]:
    campaign_id = str(asked.campaign_id)
    seen = await desk.client.campaigns.preview(campaign_id)
    shown = Previewed(
        campaign_id=campaign_id,
        count=seen.count,
        holdout=seen.holdout,
        audience=seen.audience,
        suppressed=seen.suppressed,
        inactive=seen.inactive,
        recipients=seen.audience - seen.suppressed - seen.inactive,
        blank=seen.blank,
        samples=[shown_sample(sample) for sample in seen.samples[: asked.samples]],
        plan_token=seen.plan_token,
        expires_at=seen.expires_at,
    )
    ending = PROPOSE if desk.by_card else _ending(seen, desk.words)
    text = "\n".join([*_lines(seen, shown.recipients), *sample_lines(shown.samples), ending])
    return Reply(text, shown)


async def launch_campaign(desk: Desk, asked: LaunchCampaign) -> Reply[ShownCampaign]:
    try:
        campaign = await desk.client.campaigns.launch(str(asked.campaign_id), plan_token=asked.plan_token)
    except Conflict as refused:
        if desk.by_card:
            raise
        raise Mistaken(f"{explained(refused)} {ANEW}") from refused
    return _moved(campaign, desk.words, "is launched: get_campaign_stats shows how far it is")


async def pause_campaign(desk: Desk, asked: OfCampaign) -> Reply[ShownCampaign]:
    campaign = await desk.client.campaigns.pause(str(asked.campaign_id))
    return _moved(campaign, desk.words, "is paused: what is not sent waits")


async def resume_campaign(desk: Desk, asked: OfCampaign) -> Reply[ShownCampaign]:
    campaign = await desk.client.campaigns.resume(str(asked.campaign_id))
    return _moved(campaign, desk.words, "goes on")


async def cancel_campaign(desk: Desk, asked: OfCampaign) -> Reply[ShownCampaign]:
    campaign = await desk.client.campaigns.cancel(str(asked.campaign_id))
    return _moved(campaign, desk.words, "is cancelled for good")


def _moved(campaign: Campaign, words: Words, what: str) -> Reply[ShownCampaign]:
    return Reply(f"The campaign {what}.\n{campaign_line(campaign, words)}", shown_campaign(campaign))


def _lines(seen: Preflight, recipients: int) -> list[str]:
    blank = [f"- {name} is blank for {number:,}" for name, number in seen.blank.items() if number]
    return [
        f"{count(recipients, 'customer')} would get a message: {seen.count:,} match, {seen.holdout:,} held "
        "out, "
        f"{seen.suppressed:,} must not be written to, {seen.inactive:,} inactive.",
        *blank,
    ]


def _ending(seen: Preflight, words: Words) -> str:
    return (
        f"Show this to the person. When they agree, call launch_campaign with this plan_token, good until "
        f"{words.time(seen.expires_at)}:\n{seen.plan_token}"
    )


TOOLS: Final = (
    Tool(
        "preview_campaign",
        "Preview a launch",
        "What launching a campaign would do now: how many get it, who is left out, what is blank, some "
        "messages as they "
        "would be.",
        PreviewCampaign,
        Previewed,
        preview_campaign,
        hint=LIST,
        beforehand="It gives the plan_token that launch_campaign needs.",
        reads=True,
    ),
    Tool(
        "launch_campaign",
        "Launch a campaign",
        "Send a campaign to its audience; this cannot be undone. It is refused when the rule, the texts or "
        "the audience changed since the pre-flight.",
        LaunchCampaign,
        ShownCampaign,
        launch_campaign,
        hint=LIST,
        beforehand=f"It needs the plan_token of a preview_campaign of the last 15 minutes. {ASK_FIRST}",
        destroys=True,
        reaches_out=True,
    ),
    Tool(
        "pause_campaign",
        "Pause a campaign",
        "Stop preparing or sending until it is resumed.",
        OfCampaign,
        ShownCampaign,
        pause_campaign,
        hint=LIST,
        repeatable=True,
    ),
    Tool(
        "resume_campaign",
        "Resume a campaign",
        "Go on sending where it was paused.",
        OfCampaign,
        ShownCampaign,
        resume_campaign,
        hint=LIST,
        beforehand=ASK_FIRST,
        destroys=True,
        repeatable=True,
        reaches_out=True,
    ),
    Tool(
        "cancel_campaign",
        "Cancel a campaign",
        "End a campaign for good; what is not sent is never sent.",
        OfCampaign,
        ShownCampaign,
        cancel_campaign,
        hint=LIST,
        beforehand=ASK_FIRST,
        destroys=True,
        repeatable=True,
    ),
)
