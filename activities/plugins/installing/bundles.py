"""MCP bundles: a ZIP file with a server for Node.js, all that it needs, and a manifest that says how it is started."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activities.plugins import places
from activities.plugins.installing.box import Box
from activities.plugins.installing.programs import checked, manifest
from clara.errors import ToolFailed, UserError
from clara.plugins.plugin import Launch
from clara.plugins.requests import Pinned

UNPACK_S = 120.0
FOLDER = "${__dirname}"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")


async def install(box: Box, data: bytes) -> None:
    """Unpack a bundle."""
    script = "cat > ../bundle.zip && python3 -I -m zipfile -e ../bundle.zip . && rm ../bundle.zip"
    done = await box.run(["sh", "-c", script], seconds=UNPACK_S, input=data)
    if done.code != 0:
        raise ToolFailed(f"The bundle could not be unpacked. {done.ended}".strip())


def launched(folder: Path, pinned: Pinned) -> Launch:
    """How the server of a bundle is started; UserError where that is not for Node.js."""
    server = _object(manifest(folder, "manifest.json"), "server")
    entry = server.get("entry_point")
    if server.get("type") != "node" or not isinstance(entry, str):
        raise UserError("The bundle is not for Node.js, so it cannot be run as a plugin.")
    whole = checked(folder, posixpath.normpath(entry))
    config = _object(server, "mcp_config")
    given = config.get("args")
    arguments = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    arguments = [each.replace(FOLDER, places.INSIDE) for each in arguments if "${user_config" not in each]
    start = f"{places.INSIDE}/{whole}"
    if start not in (posixpath.normpath(each) for each in arguments):
        arguments.insert(0, start)
    variables = {name: value for name, value in _object(config, "env").items() if isinstance(value, str)}
    variables = {name: value for name, value in variables.items() if _VARIABLE.fullmatch(name)}
    return pinned.launch.model_copy(
        update={
            "command": ("node", *arguments, *pinned.arguments),
            "environment": {
                name: value.replace(FOLDER, places.INSIDE) for name, value in variables.items() if "${user" not in value
            },
            "secrets": tuple(name for name, value in variables.items() if "${user" in value),
        }
    )


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}
