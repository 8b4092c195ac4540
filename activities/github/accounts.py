"""Whose account a call goes out with."""

from typing import Protocol

from activities.accounts.accounts import Access
from clara.accounts import Service

ADDRESS = "https://api.github.com"


class Accounts(Protocol):
    """What ``activities.accounts`` knows of the accounts of people."""

    async def has(self, user_id: str, service: Service) -> bool: ...

    async def access(self, user_id: str, service: Service) -> Access: ...

    async def refused(self, user_id: str, service: Service) -> None: ...
