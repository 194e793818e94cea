"""The server over standard input and output, for a client on the same machine."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from mcp.server.stdio import stdio_server

from xencrm.client.credentials import Credentials
from xencrm.mcp_server.desk import Desk, Desks
from xencrm.mcp_server.server import build_server


async def serve_stdio(credentials: Credentials) -> None:
    """Until the input ends."""
    desks = Desks(credentials.url)

    def desk_of(request: Any, *, anyway: bool) -> AbstractAsyncContextManager[Desk]:
        return desks.of(credentials.api_key, anyway=anyway)

    server = build_server(desk_of)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
