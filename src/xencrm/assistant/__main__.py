"""`python -m xencrm.assistant --port P --url URL`: the assistant, behind the one port in front."""

import sys
from argparse import ArgumentParser, Namespace

import uvloop

from xencrm.assistant.application import Application
from xencrm.assistant.speaker import Speaker
from xencrm.assistant.talk import Talks
from xencrm.kernel.logging import configure_logging
from xencrm.kernel.process import run_roles
from xencrm.kernel.serving import serving
from xencrm.kernel.settings import Settings


def parse_arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="xencrm.assistant", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--url", required=True, help="the one port in front, which the tools ask")
    return parser.parse_args(arguments)


async def run(chosen: Namespace, settings: Settings) -> int:
    speaker = Speaker(settings)
    application = Application(chosen.url, Talks(speaker.take_up, settings.assistant_hourly), speaker.rule_of)
    return await run_roles({"http": serving(application, port=chosen.port)})


def main() -> int:
    chosen, settings = parse_arguments(sys.argv[1:]), Settings()
    settings.require("assistant_model")
    configure_logging(settings, "assistant")
    return uvloop.run(run(chosen, settings))


if __name__ == "__main__":
    sys.exit(main())
