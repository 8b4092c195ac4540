"""Installing plugins, and looking after those that are installed; on the queue of plugins."""

from temporalio import activity

from clara.plugins.requests import (
    Hits,
    InstallRequest,
    InstallStep,
    Pinned,
    PluginOutcome,
    PluginRequest,
    SearchRequest,
    UndoRequest,
)


class Plugins:
    @activity.defn(name="plugins.reserve")
    async def reserve(self, request: InstallRequest) -> None:
        """Keep a plugin that is being installed, under a name that nobody else has."""
        raise NotImplementedError

    @activity.defn(name="plugins.resolve")
    async def resolve(self, request: InstallRequest) -> Pinned:
        """Find what exactly the source means now."""
        raise NotImplementedError

    @activity.defn(name="plugins.install")
    async def install(self, step: InstallStep) -> Pinned:
        """Put what was pinned into the plugin's folder; returns how its server is started."""
        raise NotImplementedError

    @activity.defn(name="plugins.record")
    async def record(self, step: InstallStep) -> PluginOutcome:
        """Start the server once, keep its tools, and tell who asked if nobody waits."""
        raise NotImplementedError

    @activity.defn(name="plugins.undo")
    async def undo(self, request: UndoRequest) -> PluginOutcome:
        """Leave nothing of an installation that failed, and say so if nobody waits; what was done is left."""
        raise NotImplementedError

    @activity.defn(name="plugins.refresh")
    async def refresh(self, request: PluginRequest) -> PluginOutcome:
        """Start the server once more, and keep the tools that it has now."""
        raise NotImplementedError

    @activity.defn(name="plugins.remove")
    async def remove(self, request: PluginRequest) -> PluginOutcome:
        """End its servers and delete all that there is of a plugin."""
        raise NotImplementedError

    @activity.defn(name="plugins.search")
    async def search(self, request: SearchRequest) -> Hits:
        """Look for servers in the registry."""
        raise NotImplementedError
