"""Logins of people at the servers of plugins: begun, finished, used, ended."""

import asyncio
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from activities.oauth import beginning, tokens
from activities.oauth.login import Login
from activities.oauth.renewing import Renewing, Token
from activities.oauth.server import asking
from activities.plugins.authorizing import registering
from activities.plugins.authorizing.place import PluginPlace, login_of
from activities.plugins.authorizing.vault import Vault
from activities.plugins.values import Values
from clara.errors import ClaraError, UserError
from clara.messages import ConversationKey
from clara.notices import Notice
from clara.plugins.logins import OVER, LoginOutcome, LoginRequest, LoginState, by_hand, typed_token
from clara.plugins.plugin import Plugin
from clara.settings import Settings
from store import logins, plugins
from store.database import Pool
from store.logins import KeptLogin, Pending
from store.sealing import Sealer

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=10)
"""From the beginning of a login to its end."""


@dataclass(frozen=True)
class LoginStatus:
    state: LoginState
    connected_at: datetime | None = None
    expires_at: datetime | None = None
    """Of the token at hand, which is renewed by itself where the server allows it."""
    begun: bool = False
    """Whether a login waits for the browser."""


class Logins:
    """Made once in a worker. ``callback`` is the address that browsers come back to; ``trusted`` as for ``Client``."""

    def __init__(self, pool: Pool, sealer: Sealer, callback: str, trusted: Collection[str] = ()) -> None:
        self._pool = pool
        self._vault = Vault(pool, sealer)
        self._callback = callback
        self._trusted = trusted
        self._values = Values(pool, sealer)
        self._renewing = Renewing(trusted)

    @classmethod
    def of(cls, pool: Pool, sealer: Sealer, settings: Settings) -> "Logins":
        """As the settings say: servers that the operator has named need not be at public addresses."""
        hosted = settings.plugins.smithery_servers_url
        trusted = (*settings.plugins.trusted_urls, *((hosted,) if hosted else ()))
        return cls(pool, sealer, f"{settings.own_address}/oauth/callback", trusted)

    async def start(self, plugin: Plugin, user_id: str, conversation: ConversationKey | None = None) -> str:
        """Begin a login, in place of one that was begun before: the address where the person says yes.

        ``conversation`` is where they are told when it is done. UserError where the plugin takes no login.
        """
        return (await self.begin(plugin, user_id, conversation)).url

    async def begin(self, plugin: Plugin, user_id: str, conversation: ConversationKey | None = None) -> Pending:
        """As ``start``; returns the login as it is kept."""
        _check_remote(plugin)
        # Loads the SDK, which takes a second or two: not in the thread of the heartbeats.
        discovery: Any = await asyncio.to_thread(import_module, "activities.plugins.authorizing.discovery")
        async with asking(login_of(plugin.name), self._trusted) as client:
            endpoints = await discovery.discover(client, plugin)
            registration = await registering.registration(
                client, plugin, endpoints, self._callback, await self._values(plugin, user_id)
            )
        id, begun = secrets.token_hex(16), beginning.begin(endpoints, registration, self._callback)
        url = beginning.address(begun, self._vault.state(id, plugin.id, user_id))
        to = conversation.id if conversation else None
        made = Pending(id, plugin.id, plugin.name, user_id, self._vault.sealed_request(id, begun), url, to, None)
        if not await logins.begin(self._pool, made, LIFETIME):
            raise UserError(f"The plugin {plugin.name} is not installed any more.")
        return made

    async def bring(self, plugin: Plugin, user_id: str, code_or_url: str) -> str | None:
        """Bring by hand what the browser came back with: the address, or the code in it.

        Returns the id of the login, which is to be finished, or None where none waits for it any more.
        """
        waiting = await logins.pending_of(self._pool, plugin.id, user_id)
        answer = by_hand(code_or_url)
        if waiting is None or not await logins.bring(self._pool, waiting.id, answer, by_hand=True):
            return None
        return waiting.id

    async def finish(self, login_id: str) -> LoginOutcome:
        """Exchange the code that was brought, once; what came of it, for the person. Repeating it changes nothing."""
        taken = await logins.take(self._pool, login_id)
        if taken is None:
            before = await logins.is_connected_by(self._pool, login_id)
            return _connected(before) if before else OVER
        answer = taken.answer or {}
        if "state" in answer and not self._vault.is_state_of(str(answer["state"]), taken):
            return LoginOutcome(done=False, text="This does not answer what I asked. Nothing was connected.")
        begun = self._vault.opened_request(taken)
        if problem := beginning.problem(answer, begun, f"the plugin {taken.plugin}"):
            return LoginOutcome(done=False, text=problem)
        who = login_of(taken.plugin)
        try:
            async with asking(who, self._trusted) as client:
                given = await tokens.exchange(client, who, begun, str(answer["code"]))
        except ClaraError as error:
            return LoginOutcome(done=False, text=f"{error} Nothing was connected. Please begin again.")
        if not await self._vault.keep(taken.plugin_id, taken.user_id, given.login, given.expires_at):
            return LoginOutcome(done=False, text=f"The plugin {taken.plugin} is not installed any more.")
        return _connected(taken)

    async def set_token(self, plugin: Plugin, user_id: str, token: str) -> None:
        """Keep a token that the person got from the service by themselves. UserError if it can be none."""
        _check_remote(plugin)
        login = Login.model_validate_json(typed_token(token))
        if not await self._vault.keep(plugin.id, user_id, login, None):
            raise UserError(f"The plugin {plugin.name} is not installed any more.")

    async def status(self, plugin: Plugin, user_id: str) -> LoginStatus:
        kept = await logins.get(self._pool, plugin.id, user_id)
        begun = await logins.pending_of(self._pool, plugin.id, user_id) is not None
        if kept is None:
            return LoginStatus("none", begun=begun)
        return LoginStatus("lost" if kept.lost_at else "connected", kept.connected_at, kept.expires_at, begun)

    async def forget(self, plugin: Plugin, user_id: str) -> bool:
        """End a person's login, at the server and here.

        Returns False where the server could not be told, or has no way to be: then its tokens end by themselves.
        """
        kept = await logins.get(self._pool, plugin.id, user_id)
        told = kept is None or kept.lost_at is not None or await self._revoked(plugin, kept)
        await logins.remove(self._pool, plugin.id, user_id)
        return told

    async def forget_all(self, plugin_id: str) -> None:
        """End everybody's logins at a plugin, which is about to be removed."""
        plugin = await plugins.get(self._pool, plugin_id)
        if plugin is not None:
            people = await logins.of_plugin(self._pool, plugin_id)
            await asyncio.gather(*(self.forget(plugin, user_id) for user_id in people))

    async def auth(self, plugin: Plugin, user_id: str) -> "httpx2.Auth | None":
        """What puts the person's token on requests; None where a header of the plugin's own says who asks."""
        from activities.plugins.authorizing.bearer import Bearer

        headers = {name.lower() for name in (*plugin.launch.environment, *plugin.launch.secrets)}
        if plugin.is_local or "authorization" in headers:
            return None
        return Bearer(plugin, partial(self.token, plugin, user_id))

    async def token(self, plugin: Plugin, user_id: str, refused: int | None = None) -> Token | None:
        """The person's token as it is of use now: see ``Renewing.token``."""
        return await self._renewing.token(PluginPlace(self._vault, plugin, user_id), refused)

    async def close(self) -> None:
        """Returns when no token is being renewed any more, within some seconds."""
        await self._renewing.close()

    async def _revoked(self, plugin: Plugin, kept: KeptLogin) -> bool:
        who = login_of(plugin.name)
        try:
            async with asking(who, self._trusted) as client:
                return await tokens.revoke(client, self._vault.opened(kept.plugin_id, kept.user_id, kept.sealed))
        except ClaraError as error:  # the key is not the right one, or the server does not answer
            log.warning("the login of %s at the plugin %s was not revoked: %s", kept.user_id, plugin.id, error)
            return False


def _connected(login: Pending) -> LoginOutcome:
    text = f"The plugin {login.plugin} is connected."
    notice = None
    if login.conversation:
        to = ConversationKey.parse(login.conversation)
        notice = Notice(key=f"login/{login.id}", user_id=login.user_id, to=to, text=text)
    connected = LoginRequest(plugin_id=login.plugin_id, user_id=login.user_id)
    return LoginOutcome(done=True, text=text, connected=connected, notice=notice)


def _check_remote(plugin: Plugin) -> None:
    if plugin.is_local or not plugin.launch.url:
        raise UserError(f"The plugin {plugin.name} runs here and takes no login. Set its variables instead.")
