"""What every tool of Google's has in common: the account that it asks with, and what that must be allowed."""

from typing import Any

from activities.accounts.access import Access, Accounts
from activities.google.apis import Api, Make
from activities.google.client import SIZE, Google
from activities.google.faults import CONNECT_AGAIN, TokenRefused
from activities.http.client import Response
from activities.tools.tool import Context
from clara import google
from clara.errors import ToolFailed

_NEEDS: dict[Api, tuple[str, ...]] = {
    "calendar": (google.CALENDAR,),
    "sheets": (google.SHEETS,),
    "docs": (google.DOCS,),
    "drive": (google.DRIVE_READ, google.DRIVE_OWN),
}
"""One of them would do, unless a call says otherwise."""


class Asking:
    """Asks Google for the person of a turn. The account is looked up for each request: it may have been taken away."""

    def __init__(self, client: Google, accounts: Accounts) -> None:
        self._google = client
        self._accounts = accounts

    async def account(self, context: Context) -> Access:
        return await self._accounts.access(context.user_id, "google")

    async def __call__(
        self,
        context: Context,
        api: Api,
        make: Make,
        needs: tuple[str, ...] = (),
        size: int = SIZE,
        total_s: float | None = None,
    ) -> dict[str, Any]:
        """One request; the object that was answered. ``needs`` are scopes of ``clara.google`` of which one would do.
        It has ``total_s`` seconds, where it takes longer than others.

        Raises ToolFailed and Unavailable, as ``Google.send``.
        """
        account = await self._allowed(context, needs or _NEEDS[api])
        try:
            return await self._google.ask(account, api, make, size, total_s)
        except TokenRefused:
            # It may have ended a moment ago. What was refused for its token had no effect, so it may be sent again.
            account = await self._renewed(context)
            return await self._google.ask(account, api, make, size, total_s)

    async def fetch(
        self,
        context: Context,
        api: Api,
        make: Make,
        needs: tuple[str, ...] = (),
        size: int = SIZE,
        total_s: float | None = None,
        in_parts: bool = False,
    ) -> Response:
        """As a call, for what is no JSON: its bytes are ``body``, ``size`` of them at most.

        ``in_parts`` as in ``Google.send``.
        """
        account = await self._allowed(context, needs or _NEEDS[api])
        try:
            return await self._google.send(account, api, make, size, total_s, in_parts)
        except TokenRefused:
            return await self._google.send(await self._renewed(context), api, make, size, total_s, in_parts)

    async def _allowed(self, context: Context, needs: tuple[str, ...]) -> Access:
        account = await self.account(context)
        if not set(needs) & set(account.scopes):
            allows = " or ".join(f'"{google.ALLOWS[scope]}"' for scope in needs)
            raise ToolFailed(
                f"The person did not allow this when they connected. {CONNECT_AGAIN}, and leave ticked: {allows}."
            )
        return account

    async def _renewed(self, context: Context) -> Access:
        await self._accounts.refused(context.user_id, "google")
        return await self.account(context)
