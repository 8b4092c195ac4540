"""Packages of npm, from the registry that this machine is set up for; none of their scripts is run."""

import json
import posixpath
import re
from pathlib import Path

from activities.plugins import places
from activities.plugins.installing.box import Box, file
from activities.plugins.installing.programs import checked, manifest, program
from activities.sandbox.running import Run
from clara.errors import ClaraError, ToolFailed, Unavailable, UserError
from clara.plugins.plugin import Launch
from clara.plugins.requests import Pinned
from clara.plugins.source import Source

VIEW_S, INSTALL_S = 60.0, 600.0
LOCK_LARGEST = 16 * 2**20
SHOWN = 300

PASSING = ("ECONN", "ETIMEDOUT", "ENETUNREACH", "EAI_AGAIN", "ESOCKET", "ERR_SOCKET", "E429", "E5", "EPROTO")
"""Codes of npm's errors, by their beginning, that pass by themselves."""

_CODE = re.compile(r"npm (?:error|ERR!) code (\S+)")
_LINE = re.compile(r"npm (?:error|ERR!) (.*)")


async def resolve(box: Box, source: Source) -> Pinned:
    """The version that a source means now, with the hash that the registry has for it."""
    wanted = f"{source.package}@{source.version or 'latest'}"
    done = await box.npm("view", wanted, "name", "version", "dist.integrity", "--json", network=True, seconds=VIEW_S)
    if done.code != 0:
        raise fault(done, wanted)
    try:
        found = json.loads(done.output)
        newest = found[-1] if isinstance(found, list) else found
        name, version, digest = newest["name"], newest["version"], newest["dist.integrity"]
    except (ValueError, LookupError, TypeError):
        raise UserError(f"npm has no version of {wanted} that can be pinned.") from None
    if name != source.package:
        raise UserError(f"The registry answers with another package than {source.package}.")
    launch = Launch(version=str(version), digest=str(digest))
    return Pinned(means="npm", package=name, arguments=source.arguments, launch=launch)


async def install(box: Box, pinned: Pinned) -> None:
    """Install exactly what was pinned; UserError where something else came."""
    wanted = f"{pinned.package}@{pinned.launch.version}"
    done = await box.npm(
        "install", "--omit=dev", "--save-exact", "--prefix", ".", wanted, network=True, seconds=INSTALL_S
    )
    if done.code != 0:
        raise fault(done, wanted)
    with file(box.app, "package-lock.json").open("rb") as opened:
        locked = json.loads(opened.read(LOCK_LARGEST))
    entry = locked.get("packages", {}).get(f"node_modules/{pinned.package}", {})
    if (entry.get("version"), entry.get("integrity")) != (pinned.launch.version, pinned.launch.digest):
        raise UserError(f"What npm installed is not the {wanted} that was asked for, so it was thrown away.")


def launched(folder: Path, pinned: Pinned) -> Launch:
    """How the server of an installed package is started; UserError where it has none."""
    package = f"node_modules/{pinned.package}"
    path = program(manifest(folder, f"{package}/package.json"))
    if not path:
        raise UserError(f"{pinned.package} has no program that could be started, so it is no server.")
    whole = checked(folder, posixpath.normpath(f"{package}/{path}"))
    return pinned.launch.model_copy(update={"command": ("node", f"{places.INSIDE}/{whole}", *pinned.arguments)})


def fault(done: Run, wanted: str) -> ClaraError:
    """Why an npm that has ended did not do what was wanted."""
    if done.ended:
        return ToolFailed(f"npm, at {wanted}: {done.ended}")
    code = found[1] if (found := _CODE.search(done.output)) else ""
    if code in ("E404", "ETARGET", "ENOVERSIONS"):
        return UserError(f"npm has no {wanted}. Please look at its name and its version.")
    if code.startswith(PASSING):
        return Unavailable(f"The registry of npm does not answer ({code}).", "connection")
    lines = [line.strip() for line in _LINE.findall(done.output) if line.strip()] or done.output.split("\n")[-3:]
    return ToolFailed(f"npm could not install {wanted}: {' '.join(lines)[:SHOWN] or f'it ended with code {done.code}'}")
