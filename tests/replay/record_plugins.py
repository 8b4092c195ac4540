"""Record the histories of plugins, logins and accounts: see ``record`` beside this file."""

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client

from clara.accounts import ConnectOutcome, ConnectRequest, workflow_id
from clara.errors import ToolFailed, UserError
from clara.messages import ConversationKey
from clara.notices import Notice
from clara.plugins.logins import LoginOutcome, LoginRequest
from clara.plugins.plugin import Launch
from clara.plugins.requests import (
    Address,
    Hits,
    InstallRequest,
    InstallStep,
    Pinned,
    PluginOutcome,
    PluginRequest,
    SearchRequest,
    UndoRequest,
)
from store.database import Pool
from temporal import queues
from temporal.contracts.accounts import AccountChecks
from temporal.contracts.logins import Logins
from temporal.contracts.notices import Notices
from temporal.contracts.plugins import Plugins
from temporal.starting import accounts as connecting
from temporal.starting import logins as asking
from temporal.starting import plugins as installing
from tests.conftest import StartWorker
from tests.replay.recorded import closed, only_of, record
from tests.workflows.test_plugin_questions import Booking, asked, talking

CHAT = ConversationKey(platform="nobody", channel="1")
WAIT = timedelta(seconds=30)


class QuietPlugins(Plugins):
    """A registry that has one package, cannot install another, and does not come to an end with a third."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    @activity.defn(name="plugins.reserve")
    async def reserve(self, request: InstallRequest) -> None:
        return None

    @activity.defn(name="plugins.resolve")
    async def resolve(self, request: InstallRequest) -> Pinned:
        return Pinned(means="npm", package=request.source, launch=Launch(version="1.0.0", digest="sha512-"))

    @activity.defn(name="plugins.install")
    async def install(self, step: InstallStep) -> Pinned:
        assert step.pinned is not None
        if step.pinned.package == "broken":
            raise UserError("It has no program that could be started.")
        if step.pinned.package == "endless":
            self.begun.set()
            await asyncio.Event().wait()
        return step.pinned

    @activity.defn(name="plugins.record")
    async def record(self, step: InstallStep) -> PluginOutcome:
        return PluginOutcome(plugin_id=step.request.plugin_id, state="ready", tools=2)

    @activity.defn(name="plugins.undo")
    async def undo(self, request: UndoRequest) -> PluginOutcome:
        return PluginOutcome(plugin_id=request.request.plugin_id, state="gone", sentence=request.reason)

    @activity.defn(name="plugins.refresh")
    async def refresh(self, request: PluginRequest) -> PluginOutcome:
        return PluginOutcome(plugin_id=request.plugin_id, state="ready", tools=2)

    @activity.defn(name="plugins.remove")
    async def remove(self, request: PluginRequest) -> PluginOutcome:
        return PluginOutcome(plugin_id=request.plugin_id, state="gone")

    @activity.defn(name="plugins.search")
    async def search(self, request: SearchRequest) -> Hits:
        raise UserError("There is no key.")


class QuietLogins(Logins):
    """One login that works, and one that does not."""

    @activity.defn(name="logins.begin")
    async def begin(self, request: LoginRequest) -> LoginOutcome:
        if request.plugin_id == "broken":
            raise ToolFailed("The login of the plugin broken does not answer.")
        return LoginOutcome(done=True, text="Connect the plugin notes in your browser.", login_id="recorded")

    @activity.defn(name="logins.finish")
    async def finish(self, login_id: str) -> LoginOutcome:
        connected = LoginRequest(plugin_id="0123456789abcdef", user_id="cli:ann")
        notice = Notice(key=f"login/{login_id}", user_id="cli:ann", to=CHAT, text="The plugin notes is connected.")
        return LoginOutcome(done=True, text=notice.text, connected=connected, notice=notice)

    @activity.defn(name="logins.end")
    async def end(self, request: LoginRequest) -> LoginOutcome:
        return LoginOutcome(done=True, text="The plugin notes is not connected any more.", left=True)


class QuietRest(Notices, AccountChecks):
    @activity.defn(name="notices.keep")
    async def keep(self, notice: Notice) -> None:
        return None

    @activity.defn(name="accounts.connect")
    async def connect(self, request: ConnectRequest) -> ConnectOutcome:
        return ConnectOutcome(connected=True, said="Your account is connected.")


async def test_record_plugins(client: Client, start_worker: StartWorker) -> None:
    does = QuietPlugins()
    served = [does.reserve, does.resolve, does.install, does.record, does.undo, does.refresh, does.remove, does.search]
    async with start_worker(served, queues.PLUGINS, workflows=[]), start_worker([]):
        for source, name in (("notes", "plugin-installed"), ("broken", "plugin-undone")):
            id = await installing.install(client, InstallRequest(key=name, user_id="cli:ann", source=source))
            await record(client, name, await closed(client, installing.install_id(id)))
        id = await installing.install(client, InstallRequest(key="stopped", user_id="cli:ann", source="endless"))
        await does.begun.wait()
        await installing.announce(client, id, Address(to=CHAT))
        await client.get_workflow_handle(installing.install_id(id)).cancel()
        await record(client, "plugin-stopped", await closed(client, installing.install_id(id)))
        request = PluginRequest(plugin_id=id, user_id="cli:ann")
        await installing.refresh(client, request, WAIT)
        await record(client, "plugin-refreshed", f"plugin/{id}/refresh")
        await installing.remove(client, request, WAIT)
        await record(client, "plugin-removed", f"plugin/{id}/remove")
        await installing.search(client, "notes", "recorded", WAIT)
        await record(client, "plugin-search", "plugin-search/recorded")


async def test_record_plugin_logins(client: Client, start_worker: StartWorker) -> None:
    does, looks, keeps = QuietLogins(), QuietPlugins(), QuietRest()
    served = [does.begin, does.finish, does.end, looks.refresh]
    async with start_worker(served, queues.PLUGINS, workflows=[]), start_worker([keeps.keep]):
        for step, name in ((asking.begin, "login-begun"), (asking.end, "login-ended")):
            person = f"cli:{name}"
            assert await step(client, LoginRequest(plugin_id="notes", user_id=person), WAIT)
            await record(client, f"plugin-{name}", await only_of(client, person))
        assert await asking.begin(client, LoginRequest(plugin_id="broken", user_id="cli:login-failed"), WAIT)
        await record(client, "plugin-login-failed", await only_of(client, "cli:login-failed"))
        assert await asking.finish(client, "recorded", "cli:ann", WAIT)
        await record(client, "plugin-login-finished", "plugin-login/recorded")


async def test_record_plugin_question(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with talking(client, pool, start_worker, Booking()) as talk:
        turn_id = await talk.say("book a table")
        question = await asked(talk, pool)
        await talk.door.answer_plugin(question.id, talk.user.id, {"date": "Friday"})
        await record(client, "plugin-question", await closed(client, turn_id))


async def test_record_account(client: Client, start_worker: StartWorker) -> None:
    async with start_worker([QuietRest().connect]):
        await connecting.connect(client, ConnectRequest(reference="recorded", user_id="cli:ann", service="github"))
        await record(client, "account-connected", workflow_id("recorded"))
