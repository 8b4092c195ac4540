"""The token of a person for a service, for the moment in which something is done with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from activities.accounts.access import Access, Accounts, missing
from clara.accounts import NAMES, Service, place
from clara.errors import ToolFailed
from store import accounts
from store.database import Pool
from store.sealing import Sealer


@dataclass(frozen=True)
class Installations:
    """Accounts of the environment, by service, and who may use them beside their own: ids of people, or *."""

    tokens: Mapping[Service, tuple[SecretStr, str]]
    """The token and the address, empty for the service's own."""
    people: Collection[str]

    def of(self, user_id: str, service: Service) -> Access | None:
        if service not in self.tokens or not {"*", user_id} & set(self.people):
            return None
        token, base_url = self.tokens[service]
        return Access("the installation", base_url, token.get_secret_value(), of_installation=True)


class ConnectedAccounts(Accounts):
    """Kept in the store, sealed."""

    def __init__(self, pool: Pool, sealer: Sealer, installations: Installations) -> None:
        self._pool = pool
        self._sealer = sealer
        self._installations = installations

    async def has(self, user_id: str, service: Service) -> bool:
        return (
            self._installations.of(user_id, service) is not None
            or await accounts.get(self._pool, user_id, service) is not None
        )

    async def access(self, user_id: str, service: Service) -> Access:
        found = await accounts.get(self._pool, user_id, service)
        if found is not None:
            account, sealed = found
            if account.fault:
                raise ToolFailed(f"{account.fault} The person has to connect it again: /connect {service}")
            token = self._sealer.unseal(sealed, place(user_id, service))
            return Access(account.login, account.base_url, token, account.scopes)
        installation = self._installations.of(user_id, service)
        if installation is None:
            raise ToolFailed(missing(service))
        return installation

    async def refused(self, user_id: str, service: Service) -> None:
        await accounts.mark(self._pool, user_id, service, f"{NAMES[service]} does not accept the token any more.")
