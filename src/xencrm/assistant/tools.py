"""The tools of the MCP server as the model's: what reads is called, what writes becomes a card."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from pydantic_ai import CallDeferred, FunctionToolset, RunContext
from pydantic_ai import Tool as ModelTool
from pydantic_core import SchemaValidator, core_schema

from xencrm.assistant.caller import Caller
from xencrm.assistant.campaigns_shown import LAUNCH
from xencrm.assistant.cards import card_of
from xencrm.client.errors import ClientError
from xencrm.kernel.logging import get_logger
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.tool import Mistaken, Tool, schema_of
from xencrm.mcp_server.tools.campaigns import OfCampaign
from xencrm.mcp_server.tools.table import TOOLS
from xencrm.mcp_server.words import CLOSE, OPEN

CARD, TOKEN, GIVEN = "card", "plan_token", "given"
ADMINS_ONLY: Final = frozenset({"dead_letters"})
PROPOSED: Final = "Proposes it: the person sees a card with what would be done, and decides."
FAILED: Final = "Something went wrong on our side; it has been logged. Tell the person."
MOST_SEEN: Final = 16_000
# What the arguments are is judged by the tool itself; the model's library takes an object apart.
_OBJECT: Final = SchemaValidator(core_schema.dict_schema())
log = get_logger(__name__)


class ProposeLaunch(OfCampaign, kw_only=True, forbid_unknown_fields=False):
    """A card makes a pre-flight of its own: a plan token that the model has seen does not count."""


def tools_for(caller: Caller) -> FunctionToolset[Caller]:
    """Those that the person's role allows; what they may do is decided where it is done."""
    role = caller.session.person.role
    offered = [tool for tool in TOOLS if tool.reads or caller.may_write]
    return FunctionToolset(
        [_shown(tool) for tool in offered if tool.name not in ADMINS_ONLY or role == "admin"]
    )


def title_of(name: str) -> str | None:
    """Of a tool that looks something up."""
    return next((tool.title for tool in TOOLS if tool.name == name and tool.reads), None)


def _shown(tool: Tool[Any, Any]) -> ModelTool[Caller]:
    async def call(ctx: RunContext[Caller], /, **given: Any) -> str:
        try:
            return await _look(ctx.deps, tool, given) if tool.reads else await _propose(ctx.deps, tool, given)
        except Mistaken as mistaken:
            return str(mistaken)
        except ClientError as error:
            return explained(error, tool.hint, by_card=True)
        except CallDeferred:
            raise
        except Exception:
            log.exception("assistant.tool_failed", tool=tool.name)
            return FAILED

    about = tool.description if tool.reads else f"{tool.description} {PROPOSED}"
    shown: ModelTool[Caller] = ModelTool.from_schema(
        call, tool.name, about, schema_of(_taken(tool)), takes_ctx=True
    )
    shown.function_schema.validator = _OBJECT
    return shown


def _taken(tool: Tool[Any, Any]) -> type[Struct]:
    return ProposeLaunch if tool.name == LAUNCH else tool.takes


async def _look(caller: Caller, tool: Tool[Any, Any], given: Mapping[str, Any]) -> str:
    reply = await tool.run(caller.desk(), tool.read(given))
    return shortened(reply.text)


def shortened(text: str) -> str:
    """What is too much for one look is cut, marks of what customers wrote are closed."""
    if len(text) <= MOST_SEEN:
        return text
    kept = text[:MOST_SEEN]
    open_mark = CLOSE if kept.count(OPEN) > kept.count(CLOSE) else ""
    return f"{kept}{open_mark}\n(Cut here: there is more than can be shown at once. Ask for less.)"


async def _propose(caller: Caller, tool: Tool[Any, Any], given: dict[str, Any]) -> str:
    """Ends the turn with a card, unless it could not be done anyway."""
    if tool.name == LAUNCH:
        given = {"campaign_id": given.get("campaign_id")}
        asked = tool.read({**given, TOKEN: "-"})
    else:
        asked = tool.read(given)
    card, token = await card_of(caller.desk(), tool, asked)
    raise CallDeferred({CARD: card, TOKEN: token, GIVEN: given})
