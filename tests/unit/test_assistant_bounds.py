"""What an assistant's model may not do without end."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from msgspec import Raw
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelRequest, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.unit.test_assistant import caller_with
from xencrm.assistant.caller import NotLetIn
from xencrm.assistant.conversation import MOST_ITEMS, Conversation, NoAnswer, Proposal
from xencrm.assistant.talk import HOUR_S, Talks
from xencrm.assistant.tools import MOST_SEEN, shortened
from xencrm.assistant.turn import MOST_HISTORY, MOST_SAID, Turn, build_agent
from xencrm.mcp_server.words import CLOSE, OPEN, quoted

Speak = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str | DeltaToolCalls]]


def turn_of(speak: Speak, conversation: Conversation) -> Turn:
    agent = build_agent(FunctionModel(stream_function=speak))
    return Turn(agent, caller_with("admin"), conversation, lambda change: None)


async def test_a_text_without_end_is_cut() -> None:
    async def speak(_: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        while True:
            yield "and so on " * 100

    conversation = Conversation()
    with pytest.raises(NoAnswer, match="too long"):
        await turn_of(speak, conversation).take("Tell me")
    assert MOST_SAID < len(conversation.items[-1].text) < MOST_SAID + 2000


async def test_looking_without_end_is_ended() -> None:
    async def speak(messages: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        yield {0: DeltaToolCall(name="list_segments", json_args="{}", tool_call_id=str(len(messages)))}

    with pytest.raises(NoAnswer, match="too many steps"):
        await turn_of(speak, Conversation()).take("Tell me")


@pytest.mark.parametrize("arguments", ["[]", "null", "[{}]", "3"])
async def test_arguments_that_are_no_object_are_the_models_to_mend(arguments: str) -> None:
    async def speak(messages: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        if len(messages) == 1:
            yield {0: DeltaToolCall(name="get_customer", json_args=arguments, tool_call_id="c1")}
        else:
            yield "Sorry"

    conversation = Conversation()
    await turn_of(speak, conversation).take("Tell me")
    assert conversation.items[-1].text == "Sorry"


async def test_a_long_history_is_sent_again_from_where_it_fits() -> None:
    heard: list[str] = []

    async def speak(messages: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        heard.extend(
            str(part.content)[:9]
            for each in messages
            for part in each.parts
            if part.part_kind == "user-prompt"
        )
        yield "Yes"

    long = "x" * (MOST_HISTORY // 4)
    past = [ModelRequest([UserPromptPart(f"Number {number} {long}")]) for number in range(8)]
    conversation = Conversation(messages=Raw(ModelMessagesTypeAdapter.dump_json(list(past))))
    await turn_of(speak, conversation).take("And now?")
    assert heard == ["Number 5 ", "Number 6 ", "Number 7 ", "And now?"]
    assert len(bytes(conversation.messages)) < MOST_HISTORY + 10_000


async def test_a_history_that_cannot_be_read_is_begun_anew() -> None:
    async def speak(messages: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        yield f"{len(messages)} message"

    conversation = Conversation(messages=Raw(b'[{"kind": "of another time"}]'))
    conversation.proposals["gone"] = Proposal(call_id="c1", given={}, answer="declined")
    await turn_of(speak, conversation).take("Hello")
    assert conversation.items[-1].text == "1 message"


def test_the_oldest_items_make_room() -> None:
    conversation = Conversation()
    for number in range(MOST_ITEMS + 3):
        conversation.add("person", str(number))
    assert [item.text for item in conversation.items][:: MOST_ITEMS - 1] == ["3", str(MOST_ITEMS + 2)]


def test_what_is_looked_up_is_cut_with_its_marks_closed() -> None:
    assert shortened("short") == "short"
    cut = shortened("- " + quoted("x" * 2 * MOST_SEEN))
    assert cut.count(OPEN) == cut.count(CLOSE) == 1
    assert cut.endswith("Ask for less.)")
    assert len(cut) < MOST_SEEN + 200


async def test_a_person_may_ask_so_much_in_an_hour() -> None:
    async def nobody(*_: Any) -> Any:
        raise AssertionError("nobody speaks here")

    talks, caller = Talks(nobody, most_an_hour=3), caller_with("viewer")
    for _ in range(3):
        talks.count(caller)
    with pytest.raises(NotLetIn, match="in an hour"):
        talks.count(caller)
    talks.count(caller, time.monotonic() + HOUR_S + 60)
