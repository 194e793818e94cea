"""What the guides say to paste, and the official inspector, at a running installation."""

import asyncio
import json
import re
import shlex
from pathlib import Path
from typing import Final

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.support.mcp import key_with
from tests.support.product import XENCRM, Product
from xencrm.mcp_server.tools.table import TOOLS

ROOT = Path(__file__).parents[3]
DESKTOP, OTHERS = "connect-claude-desktop", "connect-other-clients"
NAMES = [tool.name for tool in TOOLS]
# By page and heading: under which name clients look for servers, and what each has to say there.
STARTED, ASKED = {"command", "args", "env"}, {"url", "headers"}
CLIENTS: Final = {
    (DESKTOP, "The settings"): ("mcpServers", STARTED),
    (OTHERS, "Claude Code"): ("mcpServers", {"type", *ASKED}),
    (OTHERS, "Cursor"): ("mcpServers", ASKED),
    (OTHERS, "VS Code"): ("servers", {"type", *ASKED}),
    (OTHERS, "Clients that start a program"): ("mcpServers", STARTED),
}
EACH = pytest.mark.parametrize("client", CLIENTS, ids=[heading for _, heading in CLIENTS])


def blocks(language: str) -> dict[tuple[str, str], str]:
    """By page and heading."""
    found = {}
    for page in (DESKTOP, OTHERS):
        text = (ROOT / "docs" / "howto" / f"{page}.md").read_text(encoding="utf-8")
        for section in text.split("\n## ")[1:]:
            heading = section.partition("\n")[0]
            inside = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
            if inside:
                (found[page, heading],) = inside
    return found


def fitted(text: str, product: Product, key: str) -> str:
    """With this installation's folder, address and key where the page has examples."""
    text = text.replace("/home/asha/xencrm/.venv/bin/xencrm", str(XENCRM))
    return text.replace("http://127.0.0.1:8000", product.url).replace("xk_the-key", key)


@pytest.fixture(scope="module")
async def key(product: Product) -> str:
    return await key_with(product, agent=True, daily_recipients=500)


def test_every_client_that_the_guides_name_is_tried_here() -> None:
    assert blocks("json").keys() == CLIENTS.keys()


@EACH
async def test_what_a_guide_says_to_paste_works(product: Product, key: str, client: tuple[str, str]) -> None:
    known_as, said = CLIENTS[client]
    pasted = json.loads(fitted(blocks("json")[client], product, key))
    assert list(pasted) == [known_as]
    server = pasted[known_as]["xencrm"]
    assert server.keys() == said
    assert server.get("type", "http") == "http"
    assert key in json.dumps(server)
    if "command" in server:
        async with Client(StdioServerParameters(**server)) as mcp:
            assert await seen_by(mcp) == NAMES
    else:
        async with (
            httpx2.AsyncClient(headers=server["headers"], timeout=60) as http,
            Client(streamable_http_client(server["url"], http_client=http)) as mcp,
        ):
            assert await seen_by(mcp) == NAMES


async def seen_by(mcp: Client) -> list[str]:
    """The tools, of which one that asks the services works."""
    assert not (await mcp.call_tool("list_segments", {})).is_error
    return [tool.name for tool in (await mcp.list_tools()).tools]


async def inspect(*arguments: str) -> str:
    program = ROOT / "tests" / "inspector" / "node_modules" / ".bin" / "mcp-inspector"
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
    asked = await asyncio.create_subprocess_exec(XENCRM.parent / "node", program, *arguments, **pipes)
    output, _ = await asyncio.wait_for(asked.communicate(), 60)
    assert asked.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture(scope="module")
async def inspector() -> None:
    """Installed beside the tests, as its lock file says."""
    folder = ROOT / "tests" / "inspector"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        npm = XENCRM.parent / "npm"
        flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
        installing = await asyncio.create_subprocess_exec(npm, "ci", "--prefix", folder, *flags)
        assert await installing.wait() == 0


@pytest.mark.usefixtures("inspector")
@pytest.mark.parametrize(
    "client", [(DESKTOP, "The settings"), (OTHERS, "Claude Code")], ids=["stdio", "http"]
)
async def test_the_official_inspector_reads_the_pasted_file_lists_and_calls(
    product: Product, key: str, tmp_path: Path, client: tuple[str, str]
) -> None:
    file = tmp_path / "mcp.json"
    file.write_text(fitted(blocks("json")[client], product, key))
    server = ("--cli", "--config", str(file), "--server", "xencrm", "--method")
    listed = await inspect(*server, "tools/list", "--strict")
    assert all(f'"{name}"' in listed for name in NAMES)
    called = await inspect(*server, "tools/call", "--tool-name", "dashboard", "--tool-arg", "days=7")
    assert "Last 7 days" in called
    assert "weekly_report" in await inspect(*server, "prompts/list")
    assert "total_spend" in await inspect(*server, "resources/read", "--uri", "xencrm://segment-fields")


@pytest.mark.usefixtures("inspector")
async def test_the_command_that_looks_by_hand_works(product: Product, key: str) -> None:
    typed = shlex.split(fitted(blocks("sh")[OTHERS, "Look at it by hand"], product, key))
    assert typed[:2] == ["npx", "@modelcontextprotocol/inspector"]
    listed = await inspect(*(word for word in typed[2:] if word.strip()))
    assert all(f'"{name}"' in listed for name in NAMES)
