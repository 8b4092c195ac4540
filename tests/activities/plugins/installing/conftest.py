"""An installer whose registries are on loopback."""

import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.plugins import places
from activities.plugins.installing.installer import Installer
from clara.plugins.requests import InstallRequest, Pinned
from clara.settings import load
from tests import needs
from tests.loopback.http import Server
from tests.loopback.npm import NpmRegistry

KEY = "canary-smithery-4711"


@dataclass
class World:
    """``web`` is GitHub and Smithery."""

    npm: NpmRegistry
    web: Server
    installer: Installer
    root: Path

    async def resolve(self, source: str) -> Pinned:
        return await self.installer.resolve(InstallRequest(key="k", user_id="cli:ann", source=source))

    async def install(self, source: str) -> tuple[Pinned, Path]:
        """What was pinned, and the folder with what was installed."""
        plugin_id = uuid.uuid4().hex[:16]
        pinned = await self.installer.install(plugin_id, await self.resolve(source))
        return pinned, places.installed(self.root, plugin_id)

    def left(self) -> list[str]:
        folder = places.installing(self.root)
        return [each.name for each in folder.iterdir()] if folder.is_dir() else []


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[World]:
    async with NpmRegistry() as npm, Server() as web:
        monkeypatch.setenv("npm_config_registry", npm.url)
        settings = load(
            {
                "CLARA_HOME": str(tmp_path), "GITHUB_BASE_URL": web.url, "SMITHERY_REGISTRY_URL": web.url,
                "SMITHERY_SERVER_URL": web.url, "SMITHERY_API_TOKEN": KEY,
            }
        )  # fmt: skip
        installer = Installer(settings)
        yield World(npm, web, installer, places.root(settings))
        await installer.close()


@pytest.fixture
def boxes() -> None:
    """For tests that install something."""
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    needs.require("bubblewrap")
    needs.require("npm")
