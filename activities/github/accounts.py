"""Whose account a call goes out with."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

ADDRESS = "https://api.github.com"


@dataclass(frozen=True)
class Account:
    """One person's access to GitHub, or to a GitHub Enterprise."""

    login: str
    token: SecretStr
    scopes: tuple[str, ...] = ()
    base_url: str = ADDRESS


class Accounts(Protocol):
    """Whoever keeps the accounts."""

    async def token(self, user_id: str) -> Account | None:
        """The account of a person; None if none is connected."""
