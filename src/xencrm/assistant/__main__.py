"""`python -m xencrm.assistant --port P --url URL`: the assistant, behind the one port in front."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import uvloop

from xencrm.assistant.application import Application
from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Conversation
from xencrm.assistant.talk import Talks
from xencrm.kernel.logging import configure_logging
from xencrm.kernel.process import run_roles
from xencrm.kernel.serving import serving
from xencrm.kernel.settings import Settings

if TYPE_CHECKING:
    from xencrm.assistant.ruling import Ruled
    from xencrm.assistant.turn import Turn


def parse_arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="xencrm.assistant", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--url", required=True, help="the one port in front, which the tools ask")
    return parser.parse_args(arguments)


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


async def run(chosen: Namespace, settings: Settings) -> int:
    speaker = Speaker(settings)
    application = Application(chosen.url, Talks(speaker.take_up), speaker.rule_of)
    return await run_roles({"http": serving(application, port=chosen.port)})


def main() -> int:
    chosen, settings = parse_arguments(sys.argv[1:]), Settings()
    settings.require("assistant_model")
    configure_logging(settings, "assistant")
    return uvloop.run(run(chosen, settings))


if __name__ == "__main__":
    sys.exit(main())
