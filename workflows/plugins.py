"""Installing plugins step by step, and looking after those that are installed.

Each ends with an outcome that people can be told; histories hold what was asked for and what was pinned, and neither
the words of a server nor a secret.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from clara.plugins.requests import (
    Address,
    Hits,
    InstallRequest,
    InstallStep,
    PluginOutcome,
    PluginRequest,
    SearchRequest,
    UndoRequest,
)
from temporal import policies, queues
from temporal.contracts.plugins import Plugins
from temporal.failures import spoken
from temporal.starting.plugins import INSTALL, REFRESH, REMOVE, SEARCH

BROKE = "Something on my side broke; the logs have the details."
LATE = "It took too long."


@workflow.defn(name=INSTALL)
class PluginInstallWorkflow:
    """Installs one plugin; its id is ``plugin/<id>/install``. A step that fails for good undoes those before it.

    What was installed and does not start stays, with the reason: it may lack a value that its person has to set.
    """

    def __init__(self) -> None:
        self._progress = "beginning"
        self._address: Address | None = None

    @workflow.run
    async def run(self, request: InstallRequest) -> PluginOutcome:
        self._address = self._address or request.address
        try:
            return await self._install(request)
        except ActivityError as error:
            reason = "It was stopped." if is_cancelled_exception(error) else _reason(error)
            return await self._undone(request, reason)
        except asyncio.CancelledError:
            await self._undone(request, "It was stopped.")
            raise

    async def _install(self, request: InstallRequest) -> PluginOutcome:
        self._tell("looking for a free name")
        await workflow.execute_activity_method(
            Plugins.reserve, request, task_queue=queues.PLUGINS, summary="keep a place", **policies.INSTALL.options()
        )
        self._tell("finding what exactly that is")
        pinned = await workflow.execute_activity_method(
            Plugins.resolve, request, task_queue=queues.PLUGINS, summary="resolve", **policies.INSTALL.options()
        )
        if pinned.means is not None:
            self._tell(f"installing {pinned.package or request.source} {pinned.launch.version[:12]}")
            step = InstallStep(request=request, pinned=pinned)
            pinned = await workflow.execute_activity_method(
                Plugins.install, step, task_queue=queues.PLUGINS, summary="install", **policies.INSTALL.options()
            )
        self._tell("starting it once, to see its tools")
        step = InstallStep(request=request.model_copy(update={"address": self._address}), pinned=pinned)
        found = await workflow.execute_activity_method(
            Plugins.record, step, task_queue=queues.PLUGINS, summary="look at its tools", **policies.PROBE.options()
        )
        self._tell(found.sentence or f"done: {found.tools} tools")
        return found

    async def _undone(self, request: InstallRequest, reason: str) -> PluginOutcome:
        """Undo what was done, whatever cancels this meanwhile."""
        self._tell(f"undoing it: {reason}")
        undo = UndoRequest(request=request, reason=reason, address=self._address)
        task = workflow.start_activity_method(
            Plugins.undo, undo, task_queue=queues.PLUGINS, summary="undo", **policies.SETTLE.options()
        )
        undone = await asyncio.shield(task)
        self._tell(f"undone: {reason}")
        return undone

    def _tell(self, progress: str) -> None:
        self._progress = progress
        workflow.set_current_details(progress)

    @workflow.query(description="What is being done, in a few words.")
    def progress(self) -> str:
        return self._progress

    @workflow.signal(description="Nobody waits for the end any more: this is who is to be told of it.")
    def announce(self, address: Address) -> None:
        self._address = address


@workflow.defn(name=REFRESH)
class PluginRefreshWorkflow:
    """Sees again which tools a plugin has."""

    @workflow.run
    async def run(self, request: PluginRequest) -> PluginOutcome:
        try:
            return await workflow.execute_activity_method(
                Plugins.refresh, request, task_queue=queues.PLUGINS, summary="refresh", **policies.PROBE.options()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return PluginOutcome(plugin_id=request.plugin_id, state="failed", sentence=_reason(error))


@workflow.defn(name=REMOVE)
class PluginRemoveWorkflow:
    """Ends and deletes a plugin, also one that is just being installed."""

    @workflow.run
    async def run(self, request: PluginRequest) -> PluginOutcome:
        try:
            return await workflow.execute_activity_method(
                Plugins.remove, request, task_queue=queues.PLUGINS, summary="remove", **policies.SETTLE.options()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return PluginOutcome(plugin_id=request.plugin_id, state="removing", sentence=_reason(error))


@workflow.defn(name=SEARCH)
class PluginSearchWorkflow:
    """Looks for servers in the registry, for adapters, which reach it only so."""

    @workflow.run
    async def run(self, request: SearchRequest) -> Hits:
        try:
            return await workflow.execute_activity_method(
                Plugins.search, request, task_queue=queues.PLUGINS, summary="search", **policies.SEARCH.options()
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return Hits(problem=_reason(error))


def _reason(error: ActivityError) -> str:
    if isinstance(error.cause, ApplicationError):
        return spoken(error.cause) or BROKE
    return LATE
