"""Accounts with other services, as workflows ask for them."""

from temporalio import activity

from clara.accounts import ConnectOutcome, ConnectRequest


class AccountChecks:
    @activity.defn(name="accounts.connect")
    async def connect(self, request: ConnectRequest) -> ConnectOutcome:
        """Check a token that waits in the store, and keep it or drop it; what is said is for its person."""
        raise NotImplementedError
