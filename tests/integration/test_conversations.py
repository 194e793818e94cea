"""What the assistant keeps of its conversations: for each alone, and until somebody in it is erased."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.people import COOKIE, signed_in
from tests.support.postgres import PostgresServer
from tests.support.sending import HASHES
from tests.support.service import RunningService, key_of
from xencrm.assistant import deeds, keeping
from xencrm.assistant.caller import letting_in
from xencrm.assistant.conversation import Card, Conversation, Proposal
from xencrm.assistant.keeping import INTERRUPTED, NotKept
from xencrm.assistant.turn import MOST_CARDS, TOO_MANY_CARDS, Turn, build_agent
from xencrm.campaigns.conversations import store
from xencrm.campaigns.conversations.schemas import MOST_CHARACTERS
from xencrm.campaigns.erasure import service as erasure
from xencrm.contracts.customers import CustomerErased
from xencrm.kernel.clock import utc_now

NONE = {"version": 0, "content": ""}
VIEWER = {"role": "viewer"}
RULE = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=("http",)) as running:
        yield running


async def keep(campaigns: RunningService, version: int, content: str, **options: Any) -> int:
    body = {"version": version, "content": content}
    return (await campaigns.ask("PUT", "/conversation", json=body, **options))[0]


async def kept(campaigns: RunningService, **options: Any) -> Any:
    return (await campaigns.ask("GET", "/conversation", **options))[1]


async def erase(campaigns: RunningService, *ids: UUID) -> None:
    async with campaigns.database.transaction() as tx:
        await erasure.erase_customers(tx, [CustomerErased(each, utc_now()) for each in ids], HASHES)


async def test_each_has_their_own_until_they_begin_anew(campaigns: RunningService) -> None:
    assert await kept(campaigns) == NONE
    assert await keep(campaigns, 1, "mine") == 204
    assert await keep(campaigns, 1, "theirs", **VIEWER) == 204
    assert await kept(campaigns) == {"version": 1, "content": "mine"}
    assert await kept(campaigns, **VIEWER) == {"version": 1, "content": "theirs"}
    assert (await campaigns.ask("DELETE", "/conversation"))[0] == 204
    assert await kept(campaigns) == NONE
    assert await kept(campaigns, **VIEWER) == {"version": 1, "content": "theirs"}


async def test_only_what_follows_is_kept_and_a_request_may_be_repeated(campaigns: RunningService) -> None:
    assert await keep(campaigns, 2, "out of nothing") == 409
    assert await keep(campaigns, 1, "one") == 204
    assert await keep(campaigns, 2, "two") == 204
    assert await keep(campaigns, 2, "two") == 204
    assert [await keep(campaigns, version, "another") for version in (1, 2, 4)] == [409, 409, 409]
    assert await kept(campaigns) == {"version": 2, "content": "two"}


async def test_of_two_who_go_on_at_once_one_does(campaigns: RunningService) -> None:
    await keep(campaigns, 1, "one")
    answers = await asyncio.gather(*(keep(campaigns, 2, f"by {who}") for who in range(8)))
    assert sorted(answers) == [204] + [409] * 7


async def test_a_long_one_is_kept_and_one_that_is_too_long_is_refused(campaigns: RunningService) -> None:
    assert await keep(campaigns, 1, "é" * MOST_CHARACTERS) == 204
    assert await keep(campaigns, 2, "é" * MOST_CHARACTERS + "é") == 400
    assert len((await kept(campaigns))["content"]) == MOST_CHARACTERS


@pytest.mark.parametrize("trace", ["customer_id", "name", "email", "phone", "former address", "in JSON"])
async def test_a_conversation_goes_with_any_customer_whom_it_names(
    campaigns: RunningService, trace: str
) -> None:
    gone = customer(name='Zubeida "Zu" Qorex', email="zubeida@shop.example", phone="+91 98765 11111")
    stays = customer(name="Asha Rao")
    await add_customers(campaigns, [gone, stays])
    await campaigns.rows(
        "INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, address)"
        " VALUES ('2026-11-01', uuidv7(), :id, 'DELIVERED', 'former@shop.example') RETURNING message_id",
        id=gone.customer_id,
    )
    inner = json.dumps({"name": gone.name})
    said = {"former address": "FORMER@shop.example", "in JSON": json.dumps([{"args": inner}])}.get(trace)
    await keep(campaigns, 1, said or f"{getattr(gone, trace)} ordered".upper())
    await keep(campaigns, 1, f"{stays.customer_id} {stays.name}", **VIEWER)
    await erase(campaigns, gone.customer_id)
    assert await kept(campaigns) == NONE
    assert (await kept(campaigns, **VIEWER))["version"] == 1
    assert await keep(campaigns, 2, "and went on") == 409


async def test_nothing_is_kept_of_somebody_who_was_erased_before(campaigns: RunningService) -> None:
    gone = customer()
    await add_customers(campaigns, [gone])
    await keep(campaigns, 1, "Who is my best customer?")
    await erase(campaigns, gone.customer_id)
    assert await keep(campaigns, 2, f"It is {gone.customer_id}") == 409
    assert await kept(campaigns) == {"version": 1, "content": "Who is my best customer?"}


async def test_what_is_kept_during_an_erasure_goes_or_is_refused(campaigns: RunningService) -> None:
    """Neither sees the other's rows; one waits for the other."""
    people = [customer() for _ in range(12)]
    await add_customers(campaigns, people)
    for person in people:
        await campaigns.ask("DELETE", "/conversation")
        said = keep(campaigns, 1, f"It is {person.customer_id}")
        _, answer = await asyncio.gather(erase(campaigns, person.customer_id), said)
        assert answer in (204, 409)
        assert await kept(campaigns) == NONE


async def test_what_was_left_alone_for_a_month_goes(campaigns: RunningService) -> None:
    await keep(campaigns, 1, "old")
    await keep(campaigns, 1, "new", **VIEWER)
    async with campaigns.database.transaction() as tx:
        assert await store.purge(tx, most=10) == 0
    await campaigns.rows(
        "UPDATE conversations SET kept_at = now() - interval '31 days' WHERE content = 'old'"
        " RETURNING version"
    )
    async with campaigns.database.transaction() as tx:
        assert await store.purge(tx, most=10) == 1
    assert await kept(campaigns) == NONE
    assert (await kept(campaigns, **VIEWER))["content"] == "new"


def with_card(state: Any) -> Conversation:
    conversation = Conversation()
    card = Card(tool="pause_campaign", title="Pause", action="Pause", state=state)
    item = conversation.add("card", card=card)
    conversation.proposals[item.id] = Proposal(call_id="c1", given={})
    return conversation


async def test_the_assistant_goes_on_where_it_was(campaigns: RunningService) -> None:
    async with letting_in(campaigns.url, "POST", {"authorization": f"Bearer {key_of('marketer')}"}) as caller:
        conversation = await keeping.load(caller, goes_on=False)
        conversation.add("person", "Hello")
        await keeping.save(caller, conversation)
        again = await keeping.load(caller, goes_on=False)
        assert [item.text for item in again.items] == ["Hello"]
        await keeping.save(caller, again)
        conversation.add("person", "Hello?")
        with pytest.raises(NotKept, match="over"):
            await keeping.save(caller, conversation)
        await keeping.drop(caller)
        assert (await keeping.load(caller, goes_on=False)).items == []


async def test_a_deed_in_the_middle_of_which_the_process_ended_is_in_doubt(campaigns: RunningService) -> None:
    async with letting_in(campaigns.url, "POST", {"authorization": f"Bearer {key_of('marketer')}"}) as caller:
        await keeping.save(caller, with_card("doing"))
        [under_way] = (await keeping.load(caller, goes_on=True)).items
        assert under_way.card is not None
        assert under_way.card.state == "doing"
        loaded = await keeping.load(caller, goes_on=False)
        card = loaded.items[0].card
        assert card is not None
        assert (card.state, card.outcome) == ("failed", INTERRUPTED)
        assert list(loaded.waiting()) == []


async def test_only_so_many_cards_are_shown_at_once_and_the_model_is_told(campaigns: RunningService) -> None:
    answers: list[str] = []

    async def speak(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        returned = [part for part in messages[-1].parts if part.part_kind == "tool-return"]
        answers.extend(str(part.content) for part in returned)
        if returned:
            yield "Well"
            return
        given = json.dumps({"name": "Active", "rules": RULE})
        yield {
            number: DeltaToolCall(name="create_segment", json_args=given, tool_call_id=f"c{number}")
            for number in range(MOST_CARDS + 3)
        }

    agent = build_agent(FunctionModel(stream_function=speak))
    async with letting_in(campaigns.url, "POST", {"authorization": f"Bearer {key_of('marketer')}"}) as caller:
        conversation = Conversation()
        turn = Turn(agent, caller, conversation, lambda change: None)
        await turn.take("Make many")
        assert len([item for item in conversation.items if item.card is not None]) == MOST_CARDS
        for _, card, proposal in list(conversation.waiting()):
            deeds.decline(card, proposal)
        await turn.take(None)
    assert answers == [deeds.DECLINED] * MOST_CARDS + [TOO_MANY_CARDS] * 3
    assert conversation.items[-1].text == "Well"


async def test_who_signs_out_is_not_told_any_more(campaigns: RunningService) -> None:
    person = await signed_in(campaigns, "marketer")
    headers = {"cookie": f"{COOKIE}={person.token}", "x-csrf-token": person.csrf}
    async with letting_in(campaigns.url, "POST", headers) as caller:
        gone = asyncio.create_task(caller.until_gone())
        assert (await person.ask(campaigns, "DELETE", "/session"))[0] == 204
        async with asyncio.timeout(30):
            await gone
