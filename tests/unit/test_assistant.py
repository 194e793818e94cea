"""The assistant's own parts: what each role is offered, turns that are stopped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Card, Conversation, Item, Proposal
from xencrm.assistant.deeds import decline
from xencrm.assistant.tools import tools_for
from xencrm.assistant.turn import Turn
from xencrm.client.client import Client
from xencrm.client.session import Asker, Installation, Session
from xencrm.client.signed_in import SignedIn
from xencrm.kernel.settings import Settings
from xencrm.mcp_server.tools.table import TOOLS


def caller_with(role: str) -> Caller:
    person = Asker(person_id="p1", name="Asha", role=role, kind="person")
    session = Session(person=person, installation=Installation(name="Shop", currency="INR", time_zone="UTC"))
    return Caller(session, Client("http://127.0.0.1:9", SignedIn("", "")), SignedIn("", ""))


def with_card(state: str) -> Conversation:
    conversation = Conversation()
    item = conversation.add(
        "card", card=Card(tool="pause_campaign", title="Pause", action="Pause", state=state)
    )
    conversation.proposals[item.id] = Proposal(call_id="c1", given={})
    return conversation


def test_what_was_declined_waits_no_longer_and_the_model_is_told() -> None:
    conversation = with_card("waiting")
    (_, card, proposal), *_ = conversation.waiting()
    decline(card, proposal)
    assert card.state == "declined"
    assert proposal.answer is not None
    assert list(conversation.waiting()) == []


@pytest.mark.parametrize(
    ("role", "writes", "letters"), [("viewer", 0, 0), ("marketer", 8, 0), ("admin", 8, 1)]
)
def test_each_role_is_offered_what_it_may_use(role: str, writes: int, letters: int) -> None:
    offered = set(tools_for(caller_with(role)).tools)
    assert len(offered & {tool.name for tool in TOOLS if not tool.reads}) == writes
    assert len(offered & {"dead_letters"}) == letters
    assert {"search_customers", "get_campaign_stats"} <= offered


async def test_what_was_said_before_a_stop_is_known_to_the_next_turn() -> None:
    heard: list[str] = []

    async def speak(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str]:
        heard.extend(str(part.content) for m in messages for part in m.parts if hasattr(part, "content"))
        yield "Once"
        await asyncio.sleep(60)

    agent: Any = Agent(
        FunctionModel(stream_function=speak), output_type=[str, DeferredToolRequests], deps_type=Caller
    )
    conversation, told = Conversation(), asyncio.Queue[Any]()
    turn = Turn(agent, caller_with("viewer"), conversation, told.put_nowait)
    speaking = asyncio.create_task(turn.take("Tell me"))
    said = await asyncio.wait_for(told.get(), 30)
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)
    conversation.miss("Tell me")
    turn.stop()
    assert isinstance(said, Item)
    assert said.stopped
    following = asyncio.create_task(
        Turn(agent, caller_with("viewer"), conversation, told.put_nowait).take("Go on")
    )
    await asyncio.wait_for(told.get(), 30)
    await asyncio.wait_for(told.get(), 30)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert heard[-1] == "Tell me\n\n(You had begun to answer, and were cut off: Once)\n\nGo on"


@pytest.mark.parametrize(
    "given", [{"assistant_model": "openai:x"}, {"assistant_model": "compatible:x"}, {"assistant_model": "x"}]
)
def test_a_model_that_cannot_be_asked_ends_the_start(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"(?i)assistant"):
        Settings(**given)


def test_a_session_that_is_renewed_meanwhile_goes_on_with_its_new_cookie() -> None:
    signed_in = SignedIn("theme=dark; xencrm_session=old", "csrf")
    signed_in.take(["other=1; Path=/", "xencrm_session=new; Max-Age=60; Path=/; HttpOnly"])
    assert signed_in.headers() == {"Cookie": "xencrm_session=new", "X-CSRF-Token": "csrf"}
    assert signed_in.renewed == "xencrm_session=new; Max-Age=60; Path=/; HttpOnly"
