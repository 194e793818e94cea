"""What is done once the person has approved: by their own rights, never by the model."""

from typing import Any, Final

from xencrm.assistant.conversation import Card, Proposal
from xencrm.client.errors import ClientError
from xencrm.kernel.logging import get_logger
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.table import BY_NAME

DECLINED: Final = "The person declined. Don't propose the same again; ask what they want instead."
PASSED_OVER: Final = "The person did not decide on this and wrote something else; it was not done."
BROKEN: Final = "Something went wrong on our side; it has been logged."
log = get_logger(__name__)


async def do(desk: Desk, card: Card, proposal: Proposal) -> None:
    """The card and the answer for the model say what came of it."""
    try:
        await _do(desk, card, proposal)
    except Mistaken as mistaken:
        _failed(card, proposal, str(mistaken), str(mistaken))
    except ClientError as error:
        tool = BY_NAME[card.tool]
        _failed(card, proposal, str(error), f"Not done. {explained(error, tool.hint)}")
    except Exception:
        log.exception("assistant.deed_failed", tool=card.tool)
        _failed(card, proposal, BROKEN, BROKEN)


async def _do(desk: Desk, card: Card, proposal: Proposal) -> None:
    tool = BY_NAME[card.tool]
    token = {} if proposal.plan_token is None else {"plan_token": proposal.plan_token}
    reply = await tool.run(desk, tool.read({**proposal.given, **token}))
    card.state, card.outcome, card.link = "done", "Done", _link_of(card.tool, reply.data)
    proposal.answer = f"The person approved, and it is done. {reply.text}"


def decline(card: Card, proposal: Proposal, why: str = DECLINED) -> None:
    card.state, card.outcome, proposal.answer = "declined", "Not done", why


def _failed(card: Card, proposal: Proposal, outcome: str, answer: str) -> None:
    card.state, card.outcome, proposal.answer = "failed", outcome, answer


def _link_of(tool: str, made: Any) -> str | None:
    if tool == "create_segment":
        return f"/segments/{made.segment_id}"
    campaign_id = getattr(made, "campaign_id", None)
    return None if campaign_id is None else f"/campaigns/{campaign_id}"
