"""A server of the newest protocol (2026-07-28), made with the SDK: over HTTP, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

from tests.ports import free_port

SCHEMA = {"type": "object", "properties": {"colour": {"type": "string"}}}


@asynccontextmanager
async def modern() -> AsyncIterator[str]:
    """Its URL."""
    server = MCPServer("modern", version="1.0")

    @server.tool()
    async def echo(message: str) -> str:
        return f"echo: {message}"

    @server.tool()
    async def count(context: Context) -> str:
        for number in range(3):
            await context.report_progress(number, 3, f"step {number}")
            await asyncio.sleep(0.6)
        return "counted"

    @server.tool()
    async def ask(context: Context) -> str | InputRequiredResult:
        if context.input_responses is None:
            question = ElicitRequestFormParams(message="Which colour?", requested_schema=SCHEMA)
            return InputRequiredResult(input_requests={"colour": ElicitRequest(params=question)}, request_state="asked")
        return str(context.input_responses["colour"].model_dump(exclude_none=True))

    @server.tool()
    async def more(context: Context) -> str:
        server.add_tool(echo, name="another")
        await context.notify_tools_changed()
        return "there is one more"

    port = free_port()
    running = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), port=port, log_config=None))
    serving = asyncio.create_task(running._serve())  # without its handlers of signals
    try:
        async with asyncio.timeout(30):
            while not running.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        running.should_exit = running.force_exit = True
        await asyncio.wait([serving])
