"""The model, loaded when somebody speaks for the first time."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Conversation
from xencrm.kernel.settings import Settings

if TYPE_CHECKING:
    from xencrm.assistant.ruling import Ruled
    from xencrm.assistant.turn import Turn


class Loaded(NamedTuple):
    """What is made of the model."""

    take_up: "Callable[[Caller, Conversation, Callable[[Any], None]], Turn]"
    rule_of: "Callable[[Caller, str], Awaitable[Ruled]]"


class Speaker:
    """Loads the model when somebody speaks for the first time: its library takes seconds, and some 50 MB."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: asyncio.Future[Loaded] | None = None

    async def take_up(
        self, caller: Caller, conversation: Conversation, tell: Callable[[Any], None]
    ) -> "Turn":
        return (await self._model()).take_up(caller, conversation, tell)

    async def rule_of(self, caller: Caller, text: str) -> "Ruled":
        return await (await self._model()).rule_of(caller, text)

    async def _model(self) -> Loaded:
        if self._loaded is None or (self._loaded.done() and self._loaded.exception() is not None):
            self._loaded = asyncio.ensure_future(asyncio.to_thread(self._load))
        return await asyncio.shield(self._loaded)

    def _load(self) -> Loaded:
        from xencrm.assistant.models import build_model  # noqa: PLC0415
        from xencrm.assistant.ruling import build_ruler, rule_of  # noqa: PLC0415
        from xencrm.assistant.turn import Turn, build_agent  # noqa: PLC0415

        model = build_model(self._settings)
        return Loaded(partial(Turn, build_agent(model)), partial(rule_of, build_ruler(model)))
