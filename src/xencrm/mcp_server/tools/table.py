"""Every tool."""

from typing import Any, Final

from xencrm.mcp_server.tool import Tool
from xencrm.mcp_server.tools import campaigns, customers, failures, intake, launching, numbers, segments

TOOLS: Final[tuple[Tool[Any, Any], ...]] = (
    *intake.TOOLS,
    *customers.TOOLS,
    *segments.TOOLS,
    *campaigns.TOOLS,
    *failures.TOOLS,
    *launching.TOOLS,
    *numbers.TOOLS,
)
BY_NAME: Final = {tool.name: tool for tool in TOOLS}
