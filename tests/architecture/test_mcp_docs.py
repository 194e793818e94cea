"""The pages on MCP say what the tables of tools, resources and prompts have."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from xencrm.mcp_server.prompts import PROMPTS
from xencrm.mcp_server.resources import RESOURCES, TEMPLATES
from xencrm.mcp_server.tool import Tool
from xencrm.mcp_server.tools.table import TOOLS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")


def kind_of(tool: Tool[Any, Any]) -> str:
    if tool.reads:
        return "reads"
    if tool.reaches_out:
        return "sends"
    return "ends" if tool.destroys else "writes"


def arguments_of(tool: Tool[Any, Any]) -> str:
    fields = msgspec.structs.fields(tool.takes)
    return ", ".join(f"`{each.name}{'' if each.required else '?'}`" for each in fields) or "-"


def test_every_tool_is_described() -> None:
    rows = [f"| `{tool.name}` | {arguments_of(tool)} | {kind_of(tool)} |" for tool in TOOLS]
    section = PAGE.partition("## Tools")[2].partition("## Resources")[0]
    assert re.findall(r"^\| `.*\|$", section, re.MULTILINE) == rows


def test_every_resource_is_described() -> None:
    section = PAGE.partition("## Resources")[2].partition("## Prompts")[0]
    assert re.findall(r"^\| `([^`]+)`", section, re.MULTILINE) == [
        each.uri for each in (*RESOURCES, *TEMPLATES)
    ]


def test_every_prompt_is_described() -> None:
    section = PAGE.partition("## Prompts")[2].partition("## Safety")[0]
    named = [
        f"| `{prompt.name}` | "
        + (", ".join(f"`{name}{'' if name in prompt.needed else '?'}`" for name in prompt.arguments) or "-")
        + " |"
        for prompt in PROMPTS
    ]
    assert re.findall(r"^\| `.*\|$", section, re.MULTILINE) == named


def test_settings_to_paste_are_json() -> None:
    for name in ("connect-claude-desktop", "connect-other-clients"):
        page = (ROOT / "docs" / "howto" / f"{name}.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
        assert blocks
        for block in blocks:
            servers = next(iter(json.loads(block).values()))
            assert list(servers) == ["xencrm"]
