"""What a source means now, and its way into the plugin's folder. Each step may be done again by another process."""

import asyncio
import logging
import re
from pathlib import Path

from activities.http.client import Client
from activities.plugins import places
from activities.plugins.installing import bundles, github, npm, smithery
from activities.plugins.installing.box import Box, box
from activities.plugins.installing.smithery import Smithery
from activities.sandbox.bubblewrap import usage
from clara.errors import UserError
from clara.hosts import allowed_host
from clara.plugins.plugin import ANYWHERE, Launch, State
from clara.plugins.requests import Hit, InstallRequest, Pinned
from clara.plugins.source import Source, parse
from clara.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Boxes of this process, because what is built takes all processors and up to 2 GiB. The others wait."""

_ID = re.compile(r"[a-z0-9]{16}")


class Installer:
    """Must be closed. Its clients are made when they are first needed."""

    def __init__(self, settings: Settings) -> None:
        self._root = places.root(settings)
        self._settings = settings.plugins
        self._github = settings.github.base_url or github.API
        self._clients: dict[str, Client] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def resolve(self, request: InstallRequest) -> Pinned:
        """Raises UserError and ToolFailed where there is no such thing, Unavailable for faults that pass."""
        source = parse(request.source)
        pinned = await self._resolve(request, source)
        if not pinned.launch.url:
            for entry in request.hosts:
                _check_host(entry)
            launch = pinned.launch.model_copy(update={"hosts": request.hosts})
            return pinned.model_copy(update={"launch": launch})
        if request.hosts:
            raise UserError("A server at an address does not run here, so it can be given no hosts to reach.")
        return pinned

    async def _resolve(self, request: InstallRequest, source: Source) -> Pinned:
        match source.kind:
            case "npm":
                async with self._turns, box(self._root, request.plugin_id) as opened:
                    return await npm.resolve(opened, source)
            case "github":
                return await github.resolve(self._client("GitHub", self._github), self._github, source)
            case "smithery":
                return await self._smithery().resolve(source)
            case "smithery-hosted":
                return self._smithery().hosted(source)
            case "http":
                return Pinned(launch=Launch(url=source.url))
            case "command":
                return Pinned(launch=Launch(command=source.arguments))

    async def install(self, plugin_id: str, pinned: Pinned) -> Pinned:
        """What was pinned, with how it is started. Raises as ``resolve`` does."""
        folder = places.installed(self._root, plugin_id)
        if not await asyncio.to_thread(folder.is_dir):
            async with self._turns, box(self._root, plugin_id) as opened:
                await self._build(opened, pinned)
                await asyncio.to_thread(_launched, opened.app, pinned)  # before it is kept
                await opened.publish(folder)
        launch = await asyncio.to_thread(_launched, folder, pinned)
        return pinned.model_copy(update={"launch": launch})

    async def _build(self, opened: Box, pinned: Pinned) -> None:
        match pinned.means:
            case "npm":
                await npm.install(opened, pinned)
            case "github":
                await github.install(opened, self._client("GitHub", self._github), pinned)
            case "bundle":
                await bundles.install(opened, await self._smithery().bundle(pinned))

    async def search(self, query: str) -> list[Hit]:
        """Servers of Smithery's registry."""
        return await self._smithery().search(query)

    def _smithery(self) -> Smithery:
        registry = self._settings.smithery_url or smithery.REGISTRY
        token = self._settings.smithery_token
        return Smithery(
            self._client("Smithery", registry), registry, self._settings.smithery_servers_url or smithery.SERVERS,
            token.get_secret_value() if token else None,
        )  # fmt: skip

    def _client(self, who: str, trusted: str) -> Client:
        if who not in self._clients:
            self._clients[who] = Client(who, trusted=[trusted])
        return self._clients[who]

    async def close(self) -> None:
        for each in self._clients.values():
            await each.close()

    async def delete(self, plugin_id: str) -> None:
        """Delete what was installed of a plugin; nothing happens where there is nothing."""
        await asyncio.to_thread(_deleted, places.installed(self._root, plugin_id))

    async def there(self) -> list[str]:
        """The plugins that something lies on the disk of, whether they are known or not."""
        return await asyncio.to_thread(
            lambda: sorted({*_ids(places.installed(self._root, "")), *_ids(places.installing(self._root))})
        )

    async def tidy(self, plugin_id: str, state: State | None) -> None:
        """Delete what an end left behind that nobody could tidy up after. ``state``: None for a plugin that is gone."""
        if state is None:
            await self.delete(plugin_id)
        if state != "installing":
            for each in places.installing(self._root).glob(f"{plugin_id}*"):
                log.info("%s, a box of an installation that was given up, is deleted", each.name)
                await asyncio.to_thread(usage.remove, each)


def _launched(folder: Path, pinned: Pinned) -> Launch:
    match pinned.means:
        case "github":
            return github.launched(folder, pinned)
        case "bundle":
            return bundles.launched(folder, pinned)
        case _:
            return npm.launched(folder, pinned)


def _check_host(entry: str) -> None:
    try:
        if entry != ANYWHERE:
            allowed_host(entry)
    except ValueError as error:
        raise UserError(f"{entry[:100]!r}: what a plugin may reach {error}, or * for all of the internet.") from None


def _deleted(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    else:
        usage.remove(folder)


def _ids(*folders: Path) -> list[str]:
    names = {each.name[:16] for folder in folders if folder.is_dir() for each in folder.iterdir()}
    return sorted(name for name in names if _ID.fullmatch(name))
