"""A service whose accounts are connected in a browser: where it is asked, as whom, and what for."""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from activities.oauth.login import Endpoints, Login, Registration
from activities.oauth.renewing import Held, Place, Renewing
from activities.oauth.tokens import Given
from clara.accounts import NAMES, Service, place
from clara.errors import ToolFailed
from store import accounts
from store.database import Pool
from store.sealing import Sealer

_OVER = frozenset({"invalid_grant", "expired"})
_UNKNOWN = frozenset({"invalid_client", "unauthorized_client"})
"""OAuth's words for Clara herself not being known there."""


@dataclass(frozen=True)
class Provider:
    service: Service
    endpoints: Endpoints
    registration: Registration
    settings: str
    """Where the operator says how Clara is known there, for who has to look after it."""
    told: Callable[[Collection[str]], str]
    """What a person is told of the scopes that they have allowed, in sentences."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What its address takes beyond the standard."""
    trusted: Collection[str] = ()
    home: str = ""
    """Where the person ends by themselves what Clara may do."""

    @property
    def who(self) -> str:
        return NAMES[self.service]

    def login_in(self, id_token: str) -> str:
        """Whose account it is, by what came straight from the service; ToolFailed where it does not say.

        Nobody else had a hand in it, so its signature proves nothing more (OpenID Connect Core, 3.1.3.7).
        """
        claims = _claims(id_token)
        if claims.get("aud") != self.registration.client_id or not isinstance(claims.get("email"), str):
            raise ToolFailed(f"{self.who} does not say whose account it is.")
        return " ".join(str(claims["email"]).split())[:200]


def _claims(id_token: str) -> Mapping[str, Any]:
    parts = id_token.split(".")
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class AccountPlace(Place):
    """The tokens of one person. Where they are of use comes from the settings, and is not kept with them."""

    pool: Pool
    sealer: Sealer
    provider: Provider
    user_id: str

    @property
    def who(self) -> str:
        return self.provider.who

    @property
    def label(self) -> str:
        return f"{self.user_id} at {self.who}"

    @property
    def _key(self) -> tuple[str, Service]:
        return self.user_id, self.provider.service

    async def read(self) -> Held | None:
        found = await accounts.held(self.pool, *self._key)
        return Held(found.sealed, found.version, found.expires_at, bool(found.fault)) if found else None

    def opened(self, sealed: bytes) -> Login:
        kept = Login.model_validate_json(self.sealer.unseal(sealed, place(*self._key)))
        return kept.model_copy(
            update={"endpoints": self.provider.endpoints, "registration": self.provider.registration, "scope": None}
        )

    def sealed(self, login: Login) -> bytes:
        kept = Login(access_token=login.access_token, refresh_token=login.refresh_token)
        return self.sealer.seal(kept.model_dump_json(exclude_defaults=True), place(*self._key))

    async def claim(self, version: int, lease: timedelta) -> bool:
        return await accounts.claim_refresh(self.pool, *self._key, version, lease)

    async def extend(self, version: int, lease: timedelta) -> None:
        await accounts.extend_refresh(self.pool, *self._key, version, lease)

    async def replace(self, version: int, given: Given) -> None:
        await accounts.refreshed(self.pool, *self._key, version, self.sealed(given.login), given.expires_at)

    async def give_up(self, version: int, code: str = "") -> None:
        fault = f"{self.who} does not accept the account any more." if code in _OVER else ""
        await accounts.give_up_refresh(self.pool, *self._key, version, fault)

    def needs_login(self, code: str = "") -> ToolFailed:
        if code in _UNKNOWN:
            return ToolFailed(
                f"{self.who} does not know Clara any more. Who runs her has to look after {self.provider.settings}."
            )
        if code and code not in _OVER:
            return ToolFailed(f"{self.who} refused to renew the access to the account ({code}).")
        return ToolFailed(
            f"{self.who} does not accept the account any more. The person has to connect it again: "
            f"/connect {self.provider.service} (on Discord /clara connect {self.provider.service})"
        )


class Tokens:
    """Living access tokens of people at one service."""

    def __init__(self, pool: Pool, sealer: Sealer, provider: Provider) -> None:
        self._pool = pool
        self._sealer = sealer
        self._provider = provider
        self._renewing = Renewing(provider.trusted)

    def place(self, user_id: str) -> AccountPlace:
        return AccountPlace(self._pool, self._sealer, self._provider, user_id)

    async def living(self, user_id: str) -> str | None:
        """One that lasts for a minute at least; None without an account.

        ToolFailed where the person has to connect again, Unavailable where it cannot be renewed for now.
        """
        token = await self._renewing.token(self.place(user_id))
        return token.value if token else None

    async def refused(self, user_id: str) -> None:
        """The service did not take the one at hand: get another one, or learn that the account is over."""
        held = await self.place(user_id).read()
        if held is not None and not held.lost:
            await self._renewing.token(self.place(user_id), refused=held.version)
