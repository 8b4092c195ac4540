"""Connecting an account in the person's browser: begun, finished once, and ended at the service too.

As for logins of plugins, what the browser carries is signed for its person, and counts once and for ten minutes. The
page that it comes back to asks them first whether it was they who began (``adapters/web/login.py``).
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import timedelta

from activities.accounts.provider import AccountPlace, Provider
from activities.oauth import beginning, tokens
from activities.oauth.login import Begun
from activities.oauth.server import asking
from activities.oauth.tokens import Given
from clara.accounts import NAMES, Account, Service
from clara.errors import ClaraError, UserError
from clara.messages import ConversationKey
from store import accounts, sign_ins
from store.database import Pool
from store.sealing import Sealer
from store.sign_ins import SignIn

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=10)
"""From the beginning to the end."""

OVER = "This was used already, or it is older than ten minutes. If you need it, begin again."


class NotConnected(UserError):
    """Why nothing was connected, for the person."""


class SignIns:
    """Made once in a worker. ``callback`` is the address that browsers come back to."""

    def __init__(self, pool: Pool, sealer: Sealer, callback: str, providers: Mapping[Service, Provider]) -> None:
        self._pool = pool
        self._sealer = sealer
        self._callback = callback
        self._providers = providers

    async def begin(self, user_id: str, service: Service, conversation: ConversationKey | None) -> SignIn:
        """Begin one, in place of one before. UserError where the operator has not set up the service."""
        provider = self._provider(service)
        id, begun = secrets.token_hex(16), beginning.begin(provider.endpoints, provider.registration, self._callback)
        # The secret of the client comes from the settings again, when the code is exchanged.
        kept = begun.model_copy(update={"registration": begun.registration.model_copy(update={"client_secret": ""})})
        url = beginning.address(begun, self._state(id, service, user_id), provider.more)
        to = conversation.id if conversation else None
        made = SignIn(id, user_id, service, self._sealer.seal(kept.model_dump_json(), _place(id)), url, to)
        await sign_ins.begin(self._pool, made, LIFETIME)
        return made

    async def finish(self, id: str) -> tuple[SignIn, str]:
        """Exchange the code that was brought, once; who is connected, and a sentence for them.

        Repeating it changes nothing. NotConnected says why nothing was connected.
        """
        taken = await sign_ins.take(self._pool, id)
        if taken is None:
            before = await sign_ins.is_connected_by(self._pool, id)
            if before is None:
                raise NotConnected(OVER)
            return before, f"You are connected with {NAMES[before.service]}."
        provider, answer = self._provider(taken.service), taken.answer or {}
        if not self._is_state_of(str(answer.get("state", "")), taken):
            raise NotConnected("This does not answer what I asked. Nothing was connected.")
        begun = Begun.model_validate_json(self._sealer.unseal(taken.sealed, _place(id)))
        begun = begun.model_copy(update={"registration": provider.registration})
        if problem := beginning.problem(answer, begun, provider.who):
            raise NotConnected(problem)
        try:
            async with asking(provider.who, provider.trusted) as client:
                given = await tokens.exchange(client, provider.who, begun, str(answer["code"]))
            login = provider.login_in(given.id_token)
        except ClaraError as error:
            raise NotConnected(f"{error} Nothing was connected. Please begin again.") from None
        return taken, await self._keep(taken, provider, given, login)

    async def _keep(self, taken: SignIn, provider: Provider, given: Given, login: str) -> str:
        scopes = tuple((given.login.scope or "").split())
        sealed = self._place(provider, taken.user_id).sealed(given.login)
        await accounts.keep(self._pool, taken.user_id, taken.service, login, scopes, sealed, given.expires_at)
        log.info("%s has connected an account with %s", taken.user_id, provider.who)
        return f"Connected with {provider.who} as {login}. {provider.told(scopes)}"

    async def end(self, user_id: str, service: Service) -> tuple[str, bool]:
        """Disconnect an account, at the service and here. UserError where there is none.

        Returns a sentence for the person, and whether the service was told.
        """
        held = await accounts.held(self._pool, user_id, service)
        if held is None:
            raise UserError(f"You have connected no account with {NAMES[service]}.")
        provider = self._providers.get(service)
        told = provider is not None and await self._revoked(provider, user_id, held.sealed)
        await accounts.remove(self._pool, user_id, service)
        text = f"Your account with {NAMES[service]} is not connected any more, and its tokens are deleted here."
        if told:
            return f"{text} {NAMES[service]} has ended what I could do there.", True
        where = f" at {provider.home}" if provider else ""
        return f"{text} {NAMES[service]} could not be told, so please end there{where} what I could do.", False

    async def account(self, user_id: str, service: Service) -> Account | None:
        found = await accounts.get(self._pool, user_id, service)
        return found[0] if found else None

    def told(self, account: Account) -> str:
        """What an account may do, in sentences."""
        provider = self._providers.get(account.service)
        return provider.told(account.scopes) if provider else ""

    async def _revoked(self, provider: Provider, user_id: str, sealed: bytes) -> bool:
        try:
            login = self._place(provider, user_id).opened(sealed)
            async with asking(provider.who, provider.trusted) as client:
                return await tokens.revoke(client, login)
        except ClaraError as error:  # the key is not the right one, or the service does not answer
            log.warning("the account of %s with %s was not revoked: %s", user_id, provider.who, error)
            return False

    def _provider(self, service: Service) -> Provider:
        provider = self._providers.get(service)
        if provider is None:
            raise UserError(f"Accounts with {NAMES[service]} cannot be connected yet: who runs me has to set it up.")
        return provider

    def _place(self, provider: Provider, user_id: str) -> AccountPlace:
        return AccountPlace(self._pool, self._sealer, provider, user_id)

    def _state(self, id: str, service: Service, user_id: str) -> str:
        """What a browser carries there and back: which sign-in it is, signed for its person."""
        return f"{id}.{self._sealer.signatures(_signed(id, service, user_id))[0]}"

    def _is_state_of(self, state: str, sign_in: SignIn) -> bool:
        id, _, signature = state.partition(".")
        signed = _signed(sign_in.id, sign_in.service, sign_in.user_id)
        return id == sign_in.id and self._sealer.is_signed(signed, signature)


def _signed(id: str, service: Service, user_id: str) -> str:
    return f"sign-in-state/{id}/{service}/{user_id}"


def _place(id: str) -> str:
    return f"sign-in/{id}"
