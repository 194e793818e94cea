"""The server of the official SDK, made from our tables of tools, resources and prompts."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Protocol

import mcp_types as types
import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError

from xencrm.client.errors import ClientError
from xencrm.kernel.logging import get_logger
from xencrm.mcp_server import prompts, resources
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.instructions import INSTRUCTIONS
from xencrm.mcp_server.prompts import PROMPTS, Prompt
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.resources import RESOURCES, TEMPLATES
from xencrm.mcp_server.tool import Mistaken, Tool, schema_of
from xencrm.mcp_server.tools.table import BY_NAME, TOOLS

NAME: Final = "xencrm"
JSON: Final = "application/json"
BROKEN: Final = "Something went wrong on our side; it has been logged. Tell the person."
log = get_logger(__name__)

Asked = ServerRequestContext[Any, Any]


class DeskOf(Protocol):
    """The desk of whoever sent a request; the transport's own request is None over stdio."""

    def __call__(self, request: Any, *, anyway: bool) -> AbstractAsyncContextManager[Desk]: ...


def build_server(desk_of: DeskOf) -> Server[Any]:
    handlers = Handlers(desk_of)
    return Server(
        NAME,
        title="XenCRM",
        version=version("xencrm"),
        instructions=INSTRUCTIONS,
        get_tool_input_schema=_input_schema,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_list_prompts=handlers.list_prompts,
        on_get_prompt=handlers.get_prompt,
    )


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the protocol asks for."""

    desk_of: DeskOf

    async def list_tools(self, _: Asked, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_shown_tool(tool) for tool in TOOLS])

    async def call_tool(self, asked: Asked, params: types.CallToolRequestParams) -> types.CallToolResult:
        """What the caller can put right is a result that says so; raises MCPError for an unknown tool."""
        tool = BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name!r}.")
        try:
            return await self._call(asked, tool, params.arguments or {})
        except Mistaken as mistaken:
            return _refused(str(mistaken))
        except ClientError as error:
            return _refused(explained(error, tool.hint, writes=not tool.reads))
        except Exception:
            log.exception("mcp.tool_failed", tool=tool.name)
            return _refused(BROKEN)

    async def _call(
        self, asked: Asked, tool: Tool[Any, Any], given: Mapping[str, Any]
    ) -> types.CallToolResult:
        arguments = tool.read(given)
        async with self.desk_of(asked.request, anyway=tool.anyway) as desk:
            reply = await tool.run(desk, arguments)
        return types.CallToolResult(
            content=[types.TextContent(text=reply.text)],
            structured_content=msgspec.to_builtins(reply.data, str_keys=True),
        )

    async def list_resources(
        self, _: Asked, __: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        shown = [
            types.Resource(uri=each.uri, name=each.name, description=each.description, mime_type=JSON)
            for each in RESOURCES
        ]
        return types.ListResourcesResult(resources=shown)

    async def list_templates(
        self, _: Asked, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        shown = [
            types.ResourceTemplate(
                uri_template=each.uri, name=each.name, description=each.description, mime_type=JSON
            )
            for each in TEMPLATES
        ]
        return types.ListResourceTemplatesResult(resource_templates=shown)

    async def read_resource(
        self, asked: Asked, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Raises MCPError that says what to do."""
        uri = str(params.uri)
        found = resources.find(uri)
        if found is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no resource {uri!r}.", {"uri": uri})
        tool, given = found
        try:
            arguments = tool.read(given)
            async with self.desk_of(asked.request, anyway=tool.anyway) as desk:
                text = await resources.read(desk, tool, arguments)
        except Mistaken as mistaken:
            raise MCPError(types.INVALID_PARAMS, str(mistaken), {"uri": uri}) from mistaken
        except ClientError as error:
            raise MCPError(types.INTERNAL_ERROR, explained(error, tool.hint), {"uri": uri}) from error
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type=JSON, text=text)]
        )

    async def list_prompts(
        self, _: Asked, __: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[_shown_prompt(prompt) for prompt in PROMPTS])

    async def get_prompt(self, _: Asked, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Raises MCPError."""
        prompt, given = prompts.BY_NAME.get(params.name), params.arguments or {}
        if prompt is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name!r}.")
        missing, unknown = prompt.needed - given.keys(), given.keys() - prompt.arguments.keys()
        if missing or unknown:
            wrong = ", ".join(sorted(missing | unknown))
            raise MCPError(types.INVALID_PARAMS, f"Missing or unknown arguments of {prompt.name}: {wrong}.")
        said = types.TextContent(text=prompt.text(given))
        return types.GetPromptResult(
            description=prompt.description, messages=[types.PromptMessage(role="user", content=said)]
        )


def _input_schema(name: str) -> dict[str, Any] | None:
    tool = BY_NAME.get(name)
    return None if tool is None else schema_of(tool.takes)


def _shown_tool(tool: Tool[Any, Any]) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=f"{tool.description} {tool.beforehand}".strip(),
        input_schema=schema_of(tool.takes),
        output_schema=schema_of(tool.answers),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads,
            destructive_hint=tool.destroys,
            idempotent_hint=tool.reads or tool.repeatable,
            open_world_hint=tool.reaches_out,
        ),
    )


def _shown_prompt(prompt: Prompt) -> types.Prompt:
    arguments = [
        types.PromptArgument(name=name, description=meaning, required=name in prompt.needed)
        for name, meaning in prompt.arguments.items()
    ]
    return types.Prompt(
        name=prompt.name, title=prompt.title, description=prompt.description, arguments=arguments
    )


def _refused(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)
