"""`xencrm mcp` as an AI client starts it."""

import asyncio
import json
import os
import signal
from pathlib import Path

from tests.support.cli import xencrm
from tests.support.product import XENCRM

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}


async def started(home: Path) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "XENCRM_HOME": str(home),
        "XENCRM_URL": "http://127.0.0.1:9",
        "XENCRM_API_KEY": "xk_nobody",
    }
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(XENCRM, "mcp", env=environment, stdin=pipe, stdout=pipe)


async def greet(server: asyncio.subprocess.Process) -> str:
    """The revision that it speaks, as the first and only line of its output says."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(HELLO).encode() + b"\n")
    line = await asyncio.wait_for(server.stdout.readline(), 30)
    return str(json.loads(line)["result"]["protocolVersion"])


async def test_without_a_key_it_says_what_to_do(tmp_path: Path) -> None:
    done = await xencrm("mcp", home=tmp_path)
    assert done.exit_code == 2
    assert "XENCRM_API_KEY" in done.stderr
    assert done.stdout == ""


async def test_it_ends_with_its_input(tmp_path: Path) -> None:
    server = await started(tmp_path)
    assert await greet(server) == "2025-06-18"
    assert server.stdin is not None
    server.stdin.close()
    assert await asyncio.wait_for(server.wait(), 30) == 0


async def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        server = await started(tmp_path)
        assert await greet(server)
        server.send_signal(number)
        await asyncio.wait_for(server.wait(), 30)
