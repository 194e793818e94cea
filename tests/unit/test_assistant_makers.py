"""Makers of models, as the assistant asks them by HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.unit.test_assistant import caller_with
from xencrm.assistant.conversation import Conversation, NoAnswer
from xencrm.assistant.models import build_model
from xencrm.assistant.turn import Turn, build_agent
from xencrm.kernel.settings import Settings
from xencrm.mcp_server.tools.table import TOOLS

WORDS = ("Hello", " there")


@dataclass
class Maker:
    """A server that notes what it is asked; as OpenAI's it answers, as any other it refuses.

    `status`: as which it refuses; `finish`: why its answers end.
    """

    url: str = ""
    status: int | None = None
    finish: str = "stop"
    asked: list[tuple[web.Request, dict[str, Any]]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request, await request.json()))
        if self.status is not None or not request.path.endswith("/chat/completions"):
            return web.json_response({"error": {"message": "no", "type": "no"}}, status=self.status or 400)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for word in WORDS:
            await response.write(b"data: %b\n\n" % json.dumps(chunk({"content": word}, None)).encode())
        await response.write(b"data: %b\n\ndata: [DONE]\n\n" % json.dumps(chunk({}, self.finish)).encode())
        return response


def chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


@pytest.fixture
async def maker() -> AsyncIterator[Maker]:
    maker, application = Maker(), web.Application()
    application.router.add_post("/{path:.*}", maker.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    maker.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield maker
    await runner.cleanup()


def turn_with(kind: str, url: str, conversation: Conversation) -> Turn:
    settings = Settings(assistant_model=f"{kind}:some-model", assistant_url=url, assistant_api_key="the-key")
    return Turn(build_agent(build_model(settings)), caller_with("admin"), conversation, lambda change: None)


@pytest.mark.parametrize("kind", ["openai", "compatible"])
async def test_servers_that_speak_as_openai_are_asked_with_every_tool(maker: Maker, kind: str) -> None:
    conversation = Conversation()
    await turn_with(kind, f"{maker.url}/v1", conversation).take("Hello")
    assert [item.text for item in conversation.items] == ["Hello there"]
    (request, body), *_ = maker.asked
    assert request.headers["Authorization"] == "Bearer the-key"
    assert {tool["function"]["name"] for tool in body["tools"]} == {tool.name for tool in TOOLS}


@pytest.mark.parametrize(("kind", "header"), [("anthropic", "authorization"), ("google", "x-goog-api-key")])
async def test_other_makers_are_asked_by_their_own_ways(maker: Maker, kind: str, header: str) -> None:
    with pytest.raises(NoAnswer, match="answered 400"):
        await turn_with(kind, maker.url, Conversation()).take("Hello")
    (request, body), *_ = maker.asked
    assert request.headers[header].removeprefix("Bearer ") == "the-key"
    written = json.dumps(body["tools"])
    assert all(f'"{tool.name}"' in written for tool in TOOLS)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Ask in other words, or start over"),
        (401, "XENCRM_ASSISTANT_API_KEY"),
        (404, "XENCRM_ASSISTANT_MODEL"),
        (413, "too long"),
        (429, "Wait a little"),
        (503, "cannot be reached"),
    ],
)
async def test_a_refusal_is_told_in_words_and_what_was_asked_is_not_lost(
    maker: Maker, status: int, words: str
) -> None:
    conversation = Conversation()
    turn = turn_with("compatible", f"{maker.url}/v1", conversation)
    maker.status = status
    with pytest.raises(NoAnswer, match=words):
        await turn.take("Who are my best customers?")
    conversation.miss("Who are my best customers?")
    turn.stop()
    maker.status = None
    await turn_with("compatible", f"{maker.url}/v1", conversation).take("Try again")
    assert maker.asked[-1][1]["messages"][-1]["content"] == "Who are my best customers?\n\nTry again"
    assert conversation.unheard == []


async def test_a_server_that_is_away_is_told_of() -> None:
    with pytest.raises(NoAnswer, match="cannot be reached"):
        await turn_with("compatible", "http://127.0.0.1:9/v1", Conversation()).take("Hello")


async def test_an_answer_that_the_maker_has_cut_is_shown_as_cut(maker: Maker) -> None:
    maker.finish = "length"
    conversation = Conversation()
    await turn_with("compatible", f"{maker.url}/v1", conversation).take("Hello")
    assert [(item.text, item.stopped) for item in conversation.items] == [("Hello there", True)]
