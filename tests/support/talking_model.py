"""A model that follows a script: pydantic-ai's FunctionModel, told by words of the person what to do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any, Final

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

RULES: Final[dict[str, Any]] = {
    "combinator": "and",
    "rules": [{"field": "total_spend", "operator": ">", "value": 20000}],
}
LEFT_OUT: Final = ["somewhere near the sea"]
TEXT: Final = "Hi {{ first_name | default: 'there' }}, something new is here."
SEVERAL: Final = ("Wanted", "Unwanted")
Step = AsyncIterator[str | DeltaToolCalls]


async def follow(messages: list[ModelMessage], info: AgentInfo) -> Step:
    """Chooses the next step by what was said last, and by what tools answered since."""
    prompt, returned = _since_prompt(messages)
    if info.output_tools:
        assert prompt.startswith("those in Pune who love our shop"), prompt
        # At first it asks for a field that there is none of: the validator has to say so.
        wrong = not any(isinstance(message, ModelResponse) for message in messages)
        rules = [{**RULES["rules"][0], "field": "spent"}] if wrong else RULES["rules"]
        async for step in _call(
            info.output_tools[0].name, rule={"combinator": "and", "rules": rules}, left_out=LEFT_OUT
        ):
            yield step
        return
    # What was cut short is told once more, before what was said now.
    match prompt.split("\n\n")[-1].split()[0].lower().strip(","):
        case "win":
            steps = _win_back(returned, " again" if prompt.endswith("again") else "")
        case "numbers":
            steps = _numbers(messages, returned)
        case "look":
            steps = _obey_customers(returned)
        case "several":
            steps = _several(returned)
        case "story":
            steps = _story()
        case _:
            steps = _say("**Ready.** Ask me about [campaigns](/campaigns).\n\n- one\n- two <b>tags</b>")
    async for step in steps:
        yield step


async def _win_back(returned: list[ToolReturnPart], more: str) -> Step:
    """A segment, then a draft for it, then a launch: each waits for the person. `more`: of the names."""
    match returned:
        case []:
            async for step in _call("describe_segment_fields"):
                yield step
        case [*_, ToolReturnPart(tool_name="describe_segment_fields")]:
            yield "Big spenders are worth it."
            async for step in _call("create_segment", name=f"Worth winning back{more}", rules=RULES):
                yield step
        case [*_, ToolReturnPart(tool_name="create_segment")]:
            segment_id = _ids(returned[-1])[0]
            async for step in _call(
                "create_campaign", name="Win back", segment_id=segment_id, message_template=TEXT
            ):
                yield step
        case [*_, ToolReturnPart(tool_name="create_campaign")]:
            async for step in _call("launch_campaign", campaign_id=_ids(returned[-1])[0]):
                yield step
        case _:
            yield f"It is decided: {_first_line(returned[-1])}"


async def _numbers(messages: list[ModelMessage], returned: list[ToolReturnPart]) -> Step:
    launched = next(part for part in _returns(messages) if part.tool_name == "launch_campaign")
    if not returned:
        async for step in _call("get_campaign_stats", campaign_id=_ids(launched)[0]):
            yield step
        return
    delivered = re.search(r"delivered ([\d,]+)", str(returned[-1].content))
    yield f"**Delivered: {delivered[1] if delivered else 'unknown'}**"


async def _obey_customers(returned: list[ToolReturnPart]) -> Step:
    """The worst of models: it does what a customer's name says."""
    if not returned:
        async for step in _call("search_customers", q="ignore previous"):
            yield step
    elif returned[-1].tool_name == "search_customers":
        wanted = re.search(r"launch campaign ([0-9a-f-]{36})", str(returned[-1].content))
        assert wanted is not None, returned[-1].content
        async for step in _call("launch_campaign", campaign_id=wanted[1]):
            yield step
    else:
        yield "As you wish."


async def _several(returned: list[ToolReturnPart]) -> Step:
    """Two proposals at once; it goes on when both are decided."""
    if returned:
        yield f"Decided: {len(returned)}."
        return
    yield {
        at: DeltaToolCall("create_segment", json.dumps({"name": name, "rules": RULES}))
        for at, name in enumerate(SEVERAL)
    }


async def _story() -> Step:
    for number in range(10_000):
        yield f"Once upon a time {number}. "
        await asyncio.sleep(0.05)


async def _say(text: str) -> Step:
    for word in text.split(" "):
        yield f"{word} "


async def _call(name: str, /, **arguments: Any) -> Step:
    yield {9: DeltaToolCall(name, json.dumps(arguments))}


def _since_prompt(messages: list[ModelMessage]) -> tuple[str, list[ToolReturnPart]]:
    prompt, returned = "", []
    for message in messages:
        for part in message.parts if isinstance(message, ModelRequest) else ():
            if isinstance(part, UserPromptPart):
                prompt, returned = str(part.content), []
            elif isinstance(part, ToolReturnPart):
                returned.append(part)
    return prompt, returned


def _returns(messages: list[ModelMessage]) -> list[ToolReturnPart]:
    parts = [part for message in messages for part in message.parts]
    return [part for part in parts if isinstance(part, ToolReturnPart)]


def _ids(part: ToolReturnPart) -> list[str]:
    return re.findall(r"\[([0-9a-f-]{36})\]", str(part.content))


def _first_line(part: ToolReturnPart) -> str:
    return str(part.content).splitlines()[0]


MODEL: Final = FunctionModel(stream_function=follow)
