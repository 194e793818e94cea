"""A turn of the model: it says something, looks things up, proposes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Raw, Struct
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

from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Conversation, Item, Proposal
from xencrm.assistant.instructions import instructions_for
from xencrm.assistant.tools import CARD, GIVEN, TOKEN, title_of, tools_for

MOST_REQUESTS: Final = 20
MOST_MESSAGES: Final = 80
Output = str | DeferredToolRequests


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
        """Goes on with what the person wrote, or with what they decided. Raises what the model raises."""
        results = self._decided()
        async with self.agent.run_stream_events(
            prompt,
            message_history=_recent(
                ModelMessagesTypeAdapter.validate_json(bytes(self.conversation.messages))
            ),
            deferred_tool_results=results,
            deps=self.caller,
            instructions=instructions_for(self.caller.session),
            toolsets=[tools_for(self.caller)],
            usage_limits=UsageLimits(request_limit=MOST_REQUESTS),
        ) as events:
            async for event in events:
                if isinstance(event, AgentRunResultEvent):
                    self._ended(event.result.output, event.result.all_messages())
                else:
                    self._heard(event)

    def stop(self, prompt: str | None) -> None:
        """What was said so far stays; also for the model, unless it was to go on from what was decided."""
        said = self._said
        if said is not None:
            said.stopped = True
            self.tell(said)
        if prompt is None or self.conversation.proposals:
            return
        known = ModelMessagesTypeAdapter.validate_json(bytes(self.conversation.messages))
        spoken = TextPart(f"{said.text if said else ''} [stopped by the person]".strip())
        self._keep([*known, ModelRequest([UserPromptPart(prompt)]), ModelResponse([spoken])])

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

    def _ended(self, output: Output, messages: Sequence[ModelMessage]) -> None:
        self.conversation.proposals.clear()
        self._keep(messages)
        if isinstance(output, DeferredToolRequests):
            for call in output.calls:
                self._propose(call.tool_call_id, output.metadata[call.tool_call_id])

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
    first = next((at for at in begins if len(messages) - at <= MOST_MESSAGES), begins[-1] if begins else 0)
    return messages[first:]


def _is_prompt(message: ModelMessage) -> bool:
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)
