"""Why messages of a campaign failed."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from xencrm.client.campaigns import CampaignStats, FailureCount, Message
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.stats import Shares
from xencrm.mcp_server.tool import Reply, Tool
from xencrm.mcp_server.tools.campaigns import LIST, OfCampaign, campaign_line
from xencrm.mcp_server.words import count, quoted


class Failures(OfCampaign, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100, description="how many messages to show")] = 10


class Addressee(Struct, kw_only=True):
    name: str | None
    email: str | None


class FailedMessage(Struct, kw_only=True):
    message_id: str
    state: str
    reason: str | None
    attempt: int
    customer_id: str | None
    customer_data: Addressee


class FailuresSeen(Struct, kw_only=True):
    """`failures`: why, with how often; `messages`: some of those."""

    campaign_id: str
    status: str
    audience: int
    failed: int
    skipped: int
    unconfirmed: int
    failures: list[FailureCount]
    messages: list[FailedMessage]


async def campaign_failures(desk: Desk, asked: Failures) -> Reply[FailuresSeen]:
    campaign_id = str(asked.campaign_id)
    campaigns = desk.client.campaigns
    campaign, stats = await campaigns.get(campaign_id), await campaigns.stats(campaign_id)
    failed = await campaigns.messages(campaign_id, state="FAILED", limit=asked.limit)
    doubtful = await campaigns.messages(campaign_id, state="UNCONFIRMED", limit=asked.limit)
    messages = [_failed(message) for message in [*failed.items, *doubtful.items][: asked.limit]]
    text = "\n".join(
        [campaign_line(campaign, desk.words), *_failure_lines(stats), *map(_message_line, messages)]
    )
    seen = FailuresSeen(
        campaign_id=campaign_id,
        status=stats.status,
        audience=stats.audience,
        failed=stats.failed,
        skipped=stats.skipped,
        unconfirmed=stats.unconfirmed,
        failures=stats.failures,
        messages=messages,
    )
    return Reply(text, seen)


def _failed(message: Message) -> FailedMessage:
    return FailedMessage(
        message_id=message.message_id,
        state=message.state,
        reason=message.reason,
        attempt=message.attempt,
        customer_id=message.customer_id,
        customer_data=Addressee(name=message.name, email=message.address or message.email),
    )


def _failure_lines(stats: CampaignStats) -> list[str]:
    shares = Shares(stats.audience)
    reasons = [f"- {each.reason}: {shares.of(each.count)}" for each in stats.failures]
    return [
        f"{shares.of(stats.failed)} failed, {shares.of(stats.skipped)} skipped, "
        f"{shares.of(stats.unconfirmed)} unconfirmed of {count(stats.audience, 'customer')}.",
        *reasons,
    ]


def _message_line(message: FailedMessage) -> str:
    who = message.customer_data
    return (
        f"- {message.state} {message.reason or ''} after {count(message.attempt, 'attempt')}: "
        f"{quoted(who.name)} {quoted(who.email)} [message {message.message_id}, customer "
        f"{message.customer_id or 'unknown'}]"
    )


TOOLS: Final = (
    Tool(
        "campaign_failures",
        "Show why messages failed",
        "The reasons why messages of a campaign failed, how often, and some of the messages.",
        Failures,
        FailuresSeen,
        campaign_failures,
        hint=LIST,
        reads=True,
    ),
)
