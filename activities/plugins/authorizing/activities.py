"""The activities of logins at plugins."""

from temporalio import activity

from activities.plugins.authorizing.logins import Logins
from clara.errors import UserError
from clara.plugins.logins import LoginOutcome, LoginRequest
from clara.plugins.plugin import EVERYBODY, Plugin
from store import plugins
from store.database import Pool
from temporal.contracts import logins as contract


class LoginActivities(contract.Logins):
    def __init__(self, pool: Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    @activity.defn(name="logins.begin")
    async def begin(self, request: LoginRequest) -> LoginOutcome:
        try:
            plugin = await self._plugin(request)
            begun = await self._logins.begin(plugin, request.user_id, request.conversation)
        except UserError as error:
            return LoginOutcome(done=False, text=str(error))
        return LoginOutcome(done=True, text=f"Connect the plugin {plugin.name} in your browser.", login_id=begun.id)

    @activity.defn(name="logins.finish")
    async def finish(self, login_id: str) -> LoginOutcome:
        return await self._logins.finish(login_id)

    @activity.defn(name="logins.end")
    async def end(self, request: LoginRequest) -> LoginOutcome:
        try:
            plugin = await self._plugin(request)
        except UserError as error:
            return LoginOutcome(done=False, text=str(error))
        told = await self._logins.forget(plugin, request.user_id)
        text = f"The plugin {plugin.name} is not connected any more."
        if not told:
            text += " Its server could not be told, so end what Clara may do there in the settings of your account."
        return LoginOutcome(done=True, text=text, left=not told)

    async def _plugin(self, request: LoginRequest) -> Plugin:
        """The plugin, if it is one of that person's. UserError otherwise."""
        plugin = await plugins.get(self._pool, request.plugin_id)
        if plugin is None or plugin.owner not in (EVERYBODY, request.user_id):
            raise UserError("There is no such plugin.")
        return plugin
