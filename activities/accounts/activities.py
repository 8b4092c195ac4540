"""Connecting accounts: by a token, which waits sealed in the store until the service has taken it, or in a browser."""

import logging
from collections.abc import Mapping

from temporalio import activity
from temporalio.client import Client

from activities.accounts.checking import address, check
from activities.accounts.signing_in import SignIns
from activities.notices import notify
from clara.accounts import NAMES, ConnectOutcome, ConnectRequest, Service, SignInOutcome, SignInRequest, place
from clara.errors import ToolFailed, Unavailable, UserError
from clara.messages import ConversationKey
from clara.notices import Notice
from store import accounts
from store.database import Pool
from store.sealing import Sealer
from temporal import policies
from temporal.contracts.accounts import AccountChecks, AccountSignIns

log = logging.getLogger(__name__)


class AccountActivities(AccountChecks):
    """``addresses`` are the operator's own of services, such as GITHUB_BASE_URL."""

    def __init__(self, pool: Pool, sealer: Sealer, addresses: Mapping[Service, str]) -> None:
        self._pool = pool
        self._sealer = sealer
        self._addresses = addresses

    @activity.defn(name="accounts.connect")
    async def connect(self, request: ConnectRequest) -> ConnectOutcome:
        proposal = await accounts.proposal(self._pool, request.reference, request.user_id)
        if proposal is None:
            return await self._decided(request)
        name = NAMES[request.service]
        try:
            token = self._sealer.unseal(proposal.sealed, place(request.user_id, request.service))
            operators = self._addresses.get(request.service, "")
            base_url = address(request.service, proposal.base_url, operators)
            found = await check(request.service, token, base_url, operators)
        except (UserError, ToolFailed) as error:
            await accounts.reject(self._pool, request.reference)
            return ConnectOutcome(connected=False, said=str(error))
        except Unavailable as error:
            if activity.info().attempt < policies.CHECK.attempts:
                raise
            await accounts.reject(self._pool, request.reference)
            return ConnectOutcome(connected=False, said=f"{error} The token was not kept; please try again later.")
        await accounts.accept(self._pool, request.reference, found.login, base_url, found.scopes)
        log.info("%s has connected an account with %s", request.user_id, name)
        scopes = f" It may: {', '.join(found.scopes)}." if found.scopes else ""
        return ConnectOutcome(connected=True, said=f"Connected with {name} as {found.login}.{scopes}")

    async def _decided(self, request: ConnectRequest) -> ConnectOutcome:
        """An earlier attempt has come to an end, and its worker died before it could say so."""
        if await accounts.get(self._pool, request.user_id, request.service) is None:
            return ConnectOutcome(connected=False, said="The token was not kept. Please try again.")
        return ConnectOutcome(connected=True, said=f"Connected with {NAMES[request.service]}.")


class SignInActivities(AccountSignIns):
    def __init__(self, pool: Pool, client: Client, sign_ins: SignIns) -> None:
        self._pool = pool
        self._client = client
        self._sign_ins = sign_ins

    @activity.defn(name="accounts.begin")
    async def begin(self, request: SignInRequest) -> SignInOutcome:
        try:
            begun = await self._sign_ins.begin(request.user_id, request.service, request.conversation)
        except UserError as error:
            return SignInOutcome(done=False, text=str(error))
        return SignInOutcome(done=True, text="Please go on in your browser.", sign_in_id=begun.id)

    @activity.defn(name="accounts.finish")
    async def finish(self, sign_in_id: str) -> SignInOutcome:
        try:
            sign_in, text = await self._sign_ins.finish(sign_in_id)
        except UserError as error:
            return SignInOutcome(done=False, text=str(error))
        if sign_in.conversation:
            to = ConversationKey.parse(sign_in.conversation)
            # No more than that: others may read there, too.
            said = f"You are connected with {NAMES[sign_in.service]}."
            notice = Notice(key=f"sign-in/{sign_in.id}", user_id=sign_in.user_id, to=to, text=said)
            await notify(self._pool, self._client, notice)
        return SignInOutcome(done=True, text=text)

    @activity.defn(name="accounts.end")
    async def end(self, request: SignInRequest) -> SignInOutcome:
        try:
            text, is_told = await self._sign_ins.end(request.user_id, request.service)
        except UserError as error:
            return SignInOutcome(done=False, text=str(error))
        return SignInOutcome(done=True, text=text, left=not is_told)
