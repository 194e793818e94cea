"""What is done once the person has approved: by their own rights, never by the model."""

from typing import Any, Final

from xencrm.assistant.campaigns_shown import LAUNCH
from xencrm.assistant.cards import is_as_shown
from xencrm.assistant.conversation import Card, Proposal
from xencrm.assistant.keeping import INTERRUPTED
from xencrm.assistant.visible import visible
from xencrm.client.errors import ClientError, ConnectionLost, Problem, UnexpectedAnswer
from xencrm.kernel.logging import get_logger
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.tool import Mistaken, Tool
from xencrm.mcp_server.tools.table import BY_NAME
from xencrm.mcp_server.words import unquoted

DECLINED: Final = "The person declined. Don't propose the same again; ask what they want instead."
PASSED_OVER: Final = "The person did not decide on this and wrote something else; it was not done."
BROKEN: Final = "Not done: something went wrong on our side; it has been logged."
AWAY: Final = "Not done: a part of XenCRM is away. Try again in a moment."
CHANGED: Final = "Not done. It has changed since the card was shown."
AGAIN: Final = "Propose it again, so that the person sees how it is now."
SERVERS: Final = 500
log = get_logger(__name__)


async def do(desk: Desk, card: Card, proposal: Proposal) -> None:
    """The card and the answer for the model say what came of it."""
    tool = BY_NAME[card.tool]
    token = {} if proposal.plan_token is None else {"plan_token": proposal.plan_token}
    is_begun = False
    try:
        asked = tool.read({**proposal.given, **token})
        if not await is_as_shown(desk, tool, asked, card):
            _failed(card, proposal, CHANGED, f"{CHANGED} {AGAIN}")
            return
        is_begun = True
        reply = await tool.run(desk, asked)
    except Mistaken as mistaken:
        _failed(card, proposal, f"Not done. {mistaken}", f"Not done. {mistaken}")
    except ClientError as error:
        if is_begun and _is_unsure(error):
            log.warning("assistant.deed_in_doubt", tool=card.tool, error=str(error))
            _failed(card, proposal, INTERRUPTED, INTERRUPTED)
        else:
            _failed(card, proposal, _outcome_of(error), f"Not done. {_explained(error, tool)}")
    except Exception:
        log.exception("assistant.deed_failed", tool=card.tool, begun=is_begun)
        outcome = INTERRUPTED if is_begun else BROKEN
        _failed(card, proposal, outcome, outcome)
    else:
        card.state, card.outcome, card.link = "done", "Done", _link_of(card.tool, reply.data)
        proposal.answer = f"The person approved, and it is done. {reply.text}"


def decline(card: Card, proposal: Proposal, why: str = DECLINED) -> None:
    card.state, card.outcome, proposal.answer = "declined", "Not done", why


def _is_unsure(error: ClientError) -> bool:
    """A deed may be several requests, so that one of them that never left tells nothing of the others."""
    is_broken = isinstance(error, Problem) and error.status >= SERVERS
    return is_broken or isinstance(error, ConnectionLost | UnexpectedAnswer)


def _outcome_of(error: ClientError) -> str:
    """For the person: where our services are is not for them."""
    is_said = isinstance(error, Problem) and error.status < SERVERS
    return f"Not done. {error}" if is_said else AWAY


def _explained(error: ClientError, tool: Tool[Any, Any]) -> str:
    return f"{explained(error, tool.hint, by_card=True)} {AGAIN if tool.name == LAUNCH else ''}".strip()


def _failed(card: Card, proposal: Proposal, outcome: str, answer: str) -> None:
    card.state, card.outcome, proposal.answer = "failed", visible(unquoted(outcome)), answer


def _link_of(tool: str, made: Any) -> str | None:
    if tool == "create_segment":
        return f"/segments/{made.segment_id}"
    campaign_id = getattr(made, "campaign_id", None)
    return None if campaign_id is None else f"/campaigns/{campaign_id}"
