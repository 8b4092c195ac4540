"""The login of one person at one plugin, as it is renewed."""

from dataclasses import dataclass
from datetime import timedelta

from activities.oauth.login import Login
from activities.oauth.renewing import Held, Place
from activities.oauth.tokens import Given
from activities.plugins.authorizing.vault import Vault
from activities.plugins.needs_login import NeedsLogin
from clara.plugins.plugin import Plugin
from store import logins


def login_of(plugin: str) -> str:
    """How it is called in sentences."""
    return f"The login of the plugin {plugin}"


@dataclass(frozen=True)
class PluginPlace(Place):
    vault: Vault
    plugin: Plugin
    user_id: str

    @property
    def who(self) -> str:
        return login_of(self.plugin.name)

    @property
    def label(self) -> str:
        return f"{self.user_id} at the plugin {self.plugin.id}"

    async def read(self) -> Held | None:
        kept = await logins.get(self.vault.pool, self.plugin.id, self.user_id)
        return Held(kept.sealed, kept.version, kept.expires_at, kept.lost_at is not None) if kept else None

    def opened(self, sealed: bytes) -> Login:
        return self.vault.opened(self.plugin.id, self.user_id, sealed)

    async def claim(self, version: int, lease: timedelta) -> bool:
        return await logins.claim_refresh(self.vault.pool, self.plugin.id, self.user_id, version, lease)

    async def extend(self, version: int, lease: timedelta) -> None:
        await logins.extend_refresh(self.vault.pool, self.plugin.id, self.user_id, version, lease)

    async def replace(self, version: int, given: Given) -> None:
        sealed = self.vault.sealed(self.plugin.id, self.user_id, given.login)
        await logins.refreshed(self.vault.pool, self.plugin.id, self.user_id, version, sealed, given.expires_at)

    async def give_up(self, version: int, code: str = "") -> None:
        await logins.give_up_refresh(self.vault.pool, self.plugin.id, self.user_id, version, lost=bool(code))

    def needs_login(self, code: str = "") -> NeedsLogin:
        return NeedsLogin(self.plugin, lost=True)
