"""Repositories of GitHub: a commit is pinned, unpacked and built, without network but for what it depends on."""

import posixpath
import re
from pathlib import Path
from urllib.parse import quote

from activities.http.client import Client, Limits
from activities.plugins import places
from activities.plugins.installing import npm
from activities.plugins.installing.box import Box
from activities.plugins.installing.programs import checked, manifest, program
from clara.errors import ToolFailed, UserError
from clara.plugins.plugin import Launch
from clara.plugins.requests import Pinned
from clara.plugins.source import Source

API = "https://api.github.com"
ARCHIVE = Limits(total_s=300.0, size=32 * 2**20)
UNPACK_S, BUILD_S = 120.0, 600.0
NAMED = 12
"""Servers of a repository that are named to somebody who has to choose."""

_COMMIT = re.compile(r"[0-9a-f]{40}")


async def resolve(client: Client, base: str, source: Source) -> Pinned:
    """The commit that a source means now. UserError where there is no such repository, for everybody to see."""
    repository = f"{base}/repos/{source.owner}/{source.repository}"
    address = f"{repository}/commits/{quote(source.ref or 'HEAD', safe='')}"
    answer = await client.request("GET", address, headers={"accept": "application/vnd.github.sha"})
    if answer.status in (404, 422):
        what = f"{source.owner}/{source.repository}"
        raise UserError(
            f"GitHub shows nobody a {source.ref} of {what}." if source.ref else f"GitHub shows nobody {what}."
        )
    commit = answer.check().text.strip()
    if not _COMMIT.fullmatch(commit):
        raise ToolFailed("GitHub did not say which commit that is.")
    return Pinned(
        means="github", archive=f"{repository}/tarball/{commit}", folder=source.folder, arguments=source.arguments,
        launch=Launch(version=commit),
    )  # fmt: skip


async def install(box: Box, client: Client, pinned: Pinned) -> None:
    """Unpack and build what was pinned. UserError where that is no server for Node.js."""
    archive = (await client.request("GET", pinned.archive, limits=ARCHIVE)).check().body
    words = ["tar", "-xzf", "-", "--strip-components=1", "--no-same-owner"]
    done = await box.run(words, seconds=UNPACK_S, input=archive)
    if done.code != 0:
        raise ToolFailed(f"What GitHub sent could not be unpacked. {done.ended}".strip())
    folder = box.app / pinned.folder
    _check(box.app, folder, pinned)
    package = manifest(box.app, posixpath.join(pinned.folder, "package.json"))
    scripts = package.get("scripts")
    script = next((name for name in ("build", "prepare") if isinstance(scripts, dict) and name in scripts), "")
    place = posixpath.join("app", pinned.folder).rstrip("/")
    is_locked = any((each / "package-lock.json").is_file() for each in (folder, box.app))
    await _npm(box, place, "ci" if is_locked else "install", *([] if script else ["--omit=dev"]), network=True)
    if script:
        await _npm(box, place, "run", script, network=False)
        await _npm(box, place, "prune", "--omit=dev", network=False)


def launched(folder: Path, pinned: Pinned) -> Launch:
    """How the server of what was built is started; UserError where it has none."""
    path = program(manifest(folder, posixpath.join(pinned.folder, "package.json")))
    whole = checked(folder, posixpath.normpath(posixpath.join(pinned.folder, path)))
    return pinned.launch.model_copy(update={"command": ("node", f"{places.INSIDE}/{whole}", *pinned.arguments)})


async def _npm(box: Box, folder: str, *words: str, network: bool) -> None:
    done = await box.npm(*words, network=network, seconds=BUILD_S, folder=folder)
    if done.code != 0:
        raise npm.fault(done, f"what it needs (npm {' '.join(words)})")


def _check(app: Path, folder: Path, pinned: Pinned) -> None:
    """UserError for what is no server for Node.js, with what there is instead."""
    inside = folder.resolve()
    if not inside.is_relative_to(app.resolve()) or not inside.is_dir():
        raise UserError(f"The repository has no folder {folder.relative_to(app)}.")
    if not (folder / "package.json").is_file():
        if (folder / "pyproject.toml").is_file() or (folder / "setup.py").is_file():
            raise UserError("That is a project of Python; from GitHub only servers for Node.js can be installed.")
        raise UserError("There is no package.json in it, so it is no server for Node.js.")
    if program(manifest(app, str((folder / "package.json").relative_to(app)))):
        return
    names = [str(each.relative_to(app)) for each in _servers(app, folder)]
    if names:
        whose = "/".join(pinned.archive.split("/")[-4:-2])
        listed = ", ".join(names[:NAMED]) + (" and more" if len(names) > NAMED else "")
        raise UserError(f"There are several servers in it: {listed}. Say which, as in github.com/{whose}/{names[0]}.")
    raise UserError("Its package.json names no program that could be started, so it is no server.")


def _servers(app: Path, folder: Path) -> list[Path]:
    """Folders two levels below at most whose packages have a program."""
    found = []
    for pattern in ("*/package.json", "*/*/package.json"):
        for each in sorted(folder.glob(pattern)):
            try:
                has_one = bool(program(manifest(app, str(each.relative_to(app)))))
            except UserError:
                continue
            if has_one:
                found.append(each.parent)
    return found
