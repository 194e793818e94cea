"""`python -m xencrm.mcp_server --port P --url URL`: the MCP server by HTTP, behind the one port in front."""

import sys
from argparse import ArgumentParser, Namespace

import uvloop

from xencrm.kernel.logging import configure_logging
from xencrm.kernel.process import run_roles
from xencrm.kernel.serving import serving
from xencrm.kernel.settings import Settings
from xencrm.mcp_server.desk import Desks
from xencrm.mcp_server.endpoint import Endpoint
from xencrm.mcp_server.gate import Gate
from xencrm.mcp_server.hosts import Hosts


def parse_arguments(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="xencrm.mcp_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--url", required=True, help="the one port in front, which the tools ask")
    return parser.parse_args(arguments)


async def run(chosen: Namespace, settings: Settings) -> int:
    desks = Desks(chosen.url)
    endpoint = Endpoint(desks)
    gate = Gate(endpoint, desks, Hosts(settings.public_url))
    return await run_roles({"http": serving(gate, port=chosen.port), "protocol": endpoint.run})


def main() -> int:
    chosen, settings = parse_arguments(sys.argv[1:]), Settings()
    configure_logging(settings, "mcp")
    return uvloop.run(run(chosen, settings))


if __name__ == "__main__":
    sys.exit(main())
