"""A turn of the model: it says something, looks things up, proposes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Raw, Struct
from pydantic import ValidationError
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, UsageLimits
from pydantic_ai.messages import (
    FunctionToolCallEvent,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model
from pydantic_ai.run import AgentRunResultEvent
from pydantic_ai.settings import ModelSettings

from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Conversation, Item, NoAnswer, Proposal
from xencrm.assistant.instructions import instructions_for
from xencrm.assistant.tools import CARD, GIVEN, TOKEN, title_of, tools_for
from xencrm.assistant.troubles import CUT, words_of
from xencrm.kernel.logging import get_logger

MOST_REQUESTS: Final = 20
MOST_LOOKS: Final = 40
MOST_CARDS: Final = 5
MOST_SAID: Final = 20_000
LONGEST_S: Final = 300.0
ANSWERS_WITHIN_S: Final = 120.0
# Of the conversation, in characters of JSON, that the model is sent again.
MOST_HISTORY: Final = 200_000
TOO_MANY_CARDS: Final = (
    f"Not shown: at most {MOST_CARDS} proposals at once. Propose it when those are decided."
)
CUT_SHORT: Final = frozenset({"length", "content_filter", "error"})
Output = str | DeferredToolRequests
log = get_logger(__name__)


class Delta(Struct):
    """More of an item's text."""

    id: str
    text: str


Tell = Callable[[Item | Delta], None]


def build_agent(model: "Model[Any]") -> Agent[Caller, Output]:
    return Agent(model, output_type=[str, DeferredToolRequests], deps_type=Caller)


@dataclass
class Turn:
    """`tell` hears of each change at once."""

    agent: Agent[Caller, Output]
    caller: Caller
    conversation: Conversation
    tell: Tell
    _said: Item | None = field(default=None, init=False)

    async def take(self, prompt: str | None) -> None:
        """Goes on with what the person wrote, or with what they decided. Raises NoAnswer."""
        try:
            await self._take("\n\n".join([*self.conversation.unheard, *([prompt] if prompt else [])]) or None)
        except NoAnswer:
            raise
        except Exception as error:
            log.exception("assistant.turn_failed")
            raise NoAnswer(words_of(error)) from error
        self.conversation.unheard.clear()

    async def _take(self, prompt: str | None) -> None:
        history = self._history()
        async with self.agent.run_stream_events(
            prompt,
            message_history=_recent(history),
            deferred_tool_results=self._decided(),
            deps=self.caller,
            instructions=instructions_for(self.caller.session),
            toolsets=[tools_for(self.caller)],
            usage_limits=UsageLimits(request_limit=MOST_REQUESTS, tool_calls_limit=MOST_LOOKS),
            model_settings=ModelSettings(timeout=ANSWERS_WITHIN_S),
            timeout=LONGEST_S,
        ) as events:
            async for event in events:
                if isinstance(event, AgentRunResultEvent):
                    self._ended(event.result.output, event.result.all_messages())
                else:
                    self._heard(event)

    def stop(self) -> None:
        """No more of it comes. What was said so far stays, and the model is told of it the next time."""
        if self._said is not None:
            self._said.stopped = True
            self.tell(self._said)
            self.conversation.miss(f"(You had begun to answer, and were cut off: {self._said.text})")

    def _history(self) -> list[ModelMessage]:
        try:
            return ModelMessagesTypeAdapter.validate_json(bytes(self.conversation.messages))
        except ValidationError:
            log.exception("assistant.history_unreadable")
            self.conversation.proposals.clear()
            return []

    def _decided(self) -> DeferredToolResults | None:
        answers = {each.call_id: each.answer for each in self.conversation.proposals.values()}
        return DeferredToolResults(calls=dict(answers)) if answers else None

    def _heard(self, event: Any) -> None:
        match event:
            case PartStartEvent(part=TextPart(content=text)):
                self._said = None
                self._say(text)
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._say(text)
            case FunctionToolCallEvent(part=part) if (title := title_of(part.tool_name)) is not None:
                self.tell(self.conversation.add("looked", title))

    def _say(self, text: str) -> None:
        if self._said is None and text.strip():
            self._said = self.conversation.add("assistant", text)
            self.tell(self._said)
        elif self._said is not None and text:
            self._said.text += text
            self.tell(Delta(self._said.id, text))
            if len(self._said.text) > MOST_SAID:
                raise NoAnswer(CUT)

    def _ended(self, output: Output, messages: Sequence[ModelMessage]) -> None:
        self.conversation.proposals.clear()
        self._keep(messages)
        last = next((each for each in reversed(messages) if isinstance(each, ModelResponse)), None)
        if self._said is not None and last is not None and last.finish_reason in CUT_SHORT:
            self._said.stopped = True
            self.tell(self._said)
        if isinstance(output, DeferredToolRequests):
            for call in output.calls[:MOST_CARDS]:
                self._propose(call.tool_call_id, output.metadata[call.tool_call_id])
            for call in output.calls[MOST_CARDS:]:
                self.conversation.proposals[call.tool_call_id] = Proposal(
                    call_id=call.tool_call_id, given={}, answer=TOO_MANY_CARDS
                )

    def _propose(self, call_id: str, about: dict[str, Any]) -> None:
        item = self.conversation.add("card", card=about[CARD])
        self.conversation.proposals[item.id] = Proposal(
            call_id=call_id, given=about[GIVEN], plan_token=about[TOKEN]
        )
        self.tell(item)

    def _keep(self, messages: Sequence[ModelMessage]) -> None:
        self.conversation.messages = Raw(ModelMessagesTypeAdapter.dump_json(list(messages)))


def _recent(messages: list[ModelMessage]) -> list[ModelMessage]:
    """The last ones, from something that the person wrote on."""
    begins = [at for at, message in enumerate(messages) if _is_prompt(message)]
    sizes = [len(ModelMessagesTypeAdapter.dump_json([message])) for message in messages]
    fitting = (at for at in begins if sum(sizes[at:]) <= MOST_HISTORY)
    return messages[next(fitting, begins[-1] if begins else 0) :]


def _is_prompt(message: ModelMessage) -> bool:
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)
