"""`mcp`: the MCP server for a client on the same machine."""

import asyncio
import signal

from xencrm.cli.session import WRONG, ApiKey, Url, fail
from xencrm.cli.up import read_settings
from xencrm.client.credentials import CredentialsMissing, find_credentials
from xencrm.kernel.logging import configure_logging


def mcp(url: Url = None, api_key: ApiKey = None) -> None:
    """Let an AI client on this machine use XenCRM, over standard input and output."""
    configure_logging(read_settings({}), "mcp")
    try:
        credentials = find_credentials(url, api_key)
    except CredentialsMissing as error:
        fail(str(error), WRONG)
    from xencrm.mcp_server.stdio import serve_stdio  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing else ends a thread that waits for input
    asyncio.run(serve_stdio(credentials))
