"""Logins in the store, encrypted for their plugin and person."""

from datetime import datetime

from activities.oauth.login import Begun, Login
from clara.plugins.logins import login_place
from store import logins
from store.database import Pool
from store.logins import Pending
from store.sealing import Sealer


class Vault:
    def __init__(self, pool: Pool, sealer: Sealer) -> None:
        self.pool = pool
        self._sealer = sealer

    async def keep(self, plugin_id: str, user_id: str, login: Login, expires_at: datetime | None) -> bool:
        """Keep a new login; False where the plugin is gone."""
        return await logins.keep(self.pool, plugin_id, user_id, self.sealed(plugin_id, user_id, login), expires_at)

    def sealed(self, plugin_id: str, user_id: str, login: Login) -> bytes:
        return self._sealer.seal(login.model_dump_json(), login_place(plugin_id, user_id))

    def opened(self, plugin_id: str, user_id: str, sealed: bytes) -> Login:
        return Login.model_validate_json(self._sealer.unseal(sealed, login_place(plugin_id, user_id)))

    def sealed_request(self, id: str, begun: Begun) -> bytes:
        return self._sealer.seal(begun.model_dump_json(), f"login-request/{id}")

    def opened_request(self, pending: Pending) -> Begun:
        return Begun.model_validate_json(self._sealer.unseal(pending.sealed, f"login-request/{pending.id}"))

    def state(self, id: str, plugin_id: str, user_id: str) -> str:
        """What a browser carries there and back: which login it is, signed for its plugin and person."""
        return f"{id}.{self._sealer.signatures(f'login-state/{id}/{plugin_id}/{user_id}')[0]}"

    def is_state_of(self, state: str, pending: Pending) -> bool:
        id, _, signature = state.partition(".")
        signed = f"login-state/{pending.id}/{pending.plugin_id}/{pending.user_id}"
        return id == pending.id and self._sealer.is_signed(signed, signature)
