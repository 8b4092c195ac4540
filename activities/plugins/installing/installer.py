"""What a source means now, and its way into the plugin's folder. Each step may be done again by another process."""

import asyncio
import logging
import re
from pathlib import Path

from activities.plugins import places
from activities.plugins.installing import npm
from activities.plugins.installing.box import box
from activities.sandbox.bubblewrap import usage
from clara.errors import UserError
from clara.plugins.plugin import Launch, State
from clara.plugins.requests import InstallRequest, Pinned
from clara.plugins.source import Source, parse
from clara.settings import Settings

log = logging.getLogger(__name__)

_ID = re.compile(r"[a-z0-9]{16}")


class Installer:
    def __init__(self, settings: Settings) -> None:
        self._root = places.root(settings)
        self._settings = settings.plugins

    async def resolve(self, request: InstallRequest) -> Pinned:
        """Raises UserError and ToolFailed where there is no such thing, Unavailable for faults that pass."""
        source = parse(request.source)
        pinned = await self._resolve(request, source)
        if pinned.is_to_be_installed or pinned.launch.command:
            launch = pinned.launch.model_copy(update={"hosts": request.hosts})
            return pinned.model_copy(update={"launch": launch})
        if request.hosts:
            raise UserError("A server at an address does not run here, so it can be given no hosts to reach.")
        return pinned

    async def _resolve(self, request: InstallRequest, source: Source) -> Pinned:
        match source.kind:
            case "npm":
                async with box(self._root, request.plugin_id, await npm.registry()) as opened:
                    return await npm.resolve(opened, source)
            case "http":
                return Pinned(launch=Launch(url=source.url))
            case "command":
                return Pinned(launch=Launch(command=source.arguments))
            case _:
                raise UserError("Plugins of that kind cannot be installed yet.")

    async def install(self, plugin_id: str, pinned: Pinned) -> Pinned:
        """What was pinned, with how it is started. Raises as ``resolve`` does."""
        folder = places.installed(self._root, plugin_id)
        if not await asyncio.to_thread(folder.is_dir):
            async with box(self._root, plugin_id, await npm.registry()) as opened:
                await npm.install(opened, pinned)
                await asyncio.to_thread(npm.launched, opened.app, pinned)  # before it is kept
                await opened.publish(folder)
        launch = await asyncio.to_thread(npm.launched, folder, pinned)
        return pinned.model_copy(update={"launch": launch})

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


def _deleted(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    else:
        usage.remove(folder)


def _ids(*folders: Path) -> list[str]:
    names = {each.name[:16] for folder in folders if folder.is_dir() for each in folder.iterdir()}
    return sorted(name for name in names if _ID.fullmatch(name))
