"""Connecting accounts: the token waits sealed in the store until the service has taken it."""

import logging
from collections.abc import Mapping

from temporalio import activity

from activities.accounts.checking import address, check
from clara.accounts import NAMES, ConnectOutcome, ConnectRequest, Service, place
from clara.errors import ToolFailed, Unavailable, UserError
from store import accounts
from store.database import Pool
from store.sealing import Sealer
from temporal import policies
from temporal.contracts.accounts import AccountChecks

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
