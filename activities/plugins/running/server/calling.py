"""One call to a server, and what its end means. Loads the SDK."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from mcp import MCPError
from mcp.types import CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, REQUEST_TIMEOUT
from pydantic import ValidationError

from activities.plugins.running.calls import CallResult
from activities.plugins.running.faults import NotAsked, meaning
from activities.plugins.running.messages.progress import Progress
from activities.plugins.running.messages.results import result_of
from activities.plugins.running.server.connection import Connection
from clara.errors import ClaraError

log = logging.getLogger(__name__)

ERROR_LIMIT = 2_000


async def call(
    through: Connection, tool: str, arguments: dict[str, Any], timeout: timedelta, progress: Progress
) -> CallResult:
    """What the tool brought, as the server said it. Raises as ``Servers.call`` does."""
    assert through.client is not None
    seconds = timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            return result_of(await through.client.call_tool(tool, arguments, seconds + 1, progress))
    except TimeoutError:
        through.doubt()
        raise through.fault(f"did not answer within {seconds:g} s", "timeout") from None
    except MCPError as error:
        return _refused(through, error)
    except ClaraError:
        raise
    except Exception as error:
        raise _broken(through, error) from None


def _refused(through: Connection, error: MCPError) -> CallResult:
    """What an error of the protocol is: the server's own answer, or the end of the connection."""
    refused = through.link.fault() if through.link else None
    if error.code == CONNECTION_CLOSED:
        through.leave()
        raise refused or through.fault("ended while it worked on the call", "ended") from None
    if error.code == REQUEST_TIMEOUT:
        through.doubt()
        raise through.fault("did not answer in time", "timeout") from None
    if error.code == INVALID_REQUEST and error.message == "Session terminated":
        through.leave()
        raise NotAsked(f"{through.who} has forgotten the session; it has to be started again.", "session") from None
    if error.code == INTERNAL_ERROR and refused is not None:
        raise refused from None  # by a status of HTTP
    asked = error.data.get("elicitations") if isinstance(error.data, dict) else None
    where = [each.get("url", "") for each in asked if isinstance(each, dict)] if isinstance(asked, list) else []
    text = "\n".join([f"Error {error.code}: {error.message}", *(str(url) for url in where)])
    return CallResult(text[:ERROR_LIMIT], is_error=True)


def _broken(through: Connection, error: Exception) -> ClaraError:
    if isinstance(error, ValidationError):
        return through.fault("answered with something that is not MCP", "garbled")
    if (known := meaning(error, through.who)) is not None:
        return known
    log.error("a call of the plugin %s broke", through.plugin.id, exc_info=error)
    return through.fault("answered with something that cannot be understood", "garbled")
