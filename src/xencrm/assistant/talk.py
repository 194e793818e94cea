"""What one person says and decides, and what comes of it; kept as it goes."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from xencrm.assistant import deeds, keeping
from xencrm.assistant.caller import Caller, NotLetIn
from xencrm.assistant.conversation import Card, Conversation, Item, NoAnswer, Proposal
from xencrm.assistant.keeping import NotKept
from xencrm.assistant.sse import Tell
from xencrm.kernel.logging import get_logger

if TYPE_CHECKING:
    from xencrm.assistant.turn import Turn

HOUR_S: Final = 3600.0
TOO_MUCH: Final = "You have asked the assistant for as much as it may do in an hour. Go on a little later."
BUSY: Final = "The assistant is still answering; stop it first."
GONE: Final = "This was decided before, or is no longer there."
SILENT: Final = "The assistant cannot be started. Whoever runs XenCRM finds out why in the assistant's log."
log = get_logger(__name__)


class End(Struct):
    """Nothing follows."""


# Makes a turn; it is loaded when somebody speaks for the first time.
TakeUp = Callable[[Caller, Conversation, Callable[[Any], None]], Awaitable["Turn"]]


@dataclass
class Talks:
    """One thing at a time for each person."""

    take_up: TakeUp
    most_an_hour: int
    _asked: dict[str, deque[float]] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)

    async def read(self, caller: Caller) -> Conversation:
        """Raises ClientError."""
        return await keeping.load(caller, goes_on=caller.id in self._busy)

    def count(self, caller: Caller, now: float | None = None) -> None:
        """What is asked of the model. Raises NotLetIn when it is too much."""
        now = time.monotonic() if now is None else now
        asked = self._asked.setdefault(caller.id, deque())
        while asked and asked[0] < now - HOUR_S:
            asked.popleft()
        if len(asked) >= self.most_an_hour:
            raise NotLetIn(429, TOO_MUCH)
        asked.append(now)

    @contextmanager
    def only_one(self, caller: Caller) -> Iterator[None]:
        """Raises NotLetIn while something of this person is under way."""
        if caller.id in self._busy:
            raise NotLetIn(409, BUSY)
        self._busy.add(caller.id)
        try:
            yield
        finally:
            self._busy.discard(caller.id)

    @asynccontextmanager
    async def with_one(self, caller: Caller) -> AsyncIterator[Conversation]:
        """Raises NotLetIn while something of this person is under way, ClientError."""
        with self.only_one(caller):
            yield await keeping.load(caller, goes_on=False)

    async def hear(self, caller: Caller, conversation: Conversation, text: str, tell: Tell) -> None:
        for item, card, proposal in list(conversation.waiting()):
            deeds.decline(card, proposal, deeds.PASSED_OVER)
            tell("item", item)
        tell("item", conversation.add("person", text))
        await _as_long_as_kept(self._answer(caller, conversation, text, tell), conversation, tell)

    async def decide(
        self, caller: Caller, conversation: Conversation, item_id: str, *, approve: bool, tell: Tell
    ) -> None:
        """Does it, or not; the model goes on when the person has decided on all that it proposed."""
        item, card, proposal = check_waiting(conversation, item_id)
        if not approve:
            deeds.decline(card, proposal)
            tell("item", item)
        following = self._follow(caller, conversation, item if approve else None, tell)
        await _as_long_as_kept(following, conversation, tell)

    async def _follow(
        self, caller: Caller, conversation: Conversation, approved: Item | None, tell: Tell
    ) -> None:
        if approved is not None:
            await self._do(caller, conversation, approved, tell)
        if any(conversation.waiting()):
            await self._end(caller, conversation, tell)
        else:
            await self._answer(caller, conversation, None, tell)

    async def _do(self, caller: Caller, conversation: Conversation, item: Item, tell: Tell) -> None:
        """It is kept that it is being done, so that nobody does it again."""
        found = conversation.find_card(item.id)
        assert found is not None
        _, card, proposal = found
        card.state = "doing"
        await keeping.save(caller, conversation)
        tell("item", item)

        async def to_the_end() -> None:
            await deeds.do(caller.desk(), card, proposal)
            tell("item", item)
            await keeping.save(caller, conversation)

        await _whole(to_the_end())

    async def _answer(self, caller: Caller, conversation: Conversation, text: str | None, tell: Tell) -> None:
        await keeping.save(caller, conversation)
        turn: Turn | None = None
        try:
            turn = await self.take_up(caller, conversation, lambda change: tell(_name_of(change), change))
            await turn.take(text)
        except asyncio.CancelledError:
            conversation.miss(text)
            if turn is not None:
                turn.stop()
            await _whole(keeping.save(caller, conversation))
            raise
        except NoAnswer as reason:
            conversation.miss(text)
            if turn is not None:
                turn.stop()
            tell("item", conversation.add("trouble", str(reason)))
        except Exception:
            log.exception("assistant.not_loaded")
            conversation.miss(text)
            tell("item", conversation.add("trouble", SILENT))
        await self._end(caller, conversation, tell)

    async def _end(self, caller: Caller, conversation: Conversation, tell: Tell) -> None:
        await keeping.save(caller, conversation)
        tell("end", End())


def check_waiting(conversation: Conversation, item_id: str) -> tuple[Item, Card, Proposal]:
    """Raises NotLetIn unless the card is to be decided on."""
    found = conversation.find_card(item_id)
    if found is None or found[1].state != "waiting":
        raise NotLetIn(409, GONE)
    return found


async def _as_long_as_kept(work: Awaitable[None], conversation: Conversation, tell: Tell) -> None:
    """It ends, with the reason, when it cannot be kept any more."""
    try:
        await work
    except NotKept as reason:
        tell("item", conversation.add("trouble", str(reason)))
        tell("end", End())


async def _whole(doing: Coroutine[Any, Any, None]) -> None:
    """Whoever stops listening meanwhile does not stop what is being done."""
    task, is_stopped = asyncio.ensure_future(doing), False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            is_stopped = True
    await task
    if is_stopped:
        raise asyncio.CancelledError


def _name_of(change: Any) -> str:
    return "item" if isinstance(change, Item) else "delta"
