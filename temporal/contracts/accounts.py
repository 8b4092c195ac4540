"""Accounts with other services, as workflows ask for them."""

from temporalio import activity

from clara.accounts import ConnectOutcome, ConnectRequest, SignInOutcome, SignInRequest


class AccountChecks:
    @activity.defn(name="accounts.connect")
    async def connect(self, request: ConnectRequest) -> ConnectOutcome:
        """Check a token that waits in the store, and keep it or drop it; what is said is for its person."""
        raise NotImplementedError


class AccountSignIns:
    """Accounts that are connected in a browser. Codes and addresses are in the store, not in histories."""

    @activity.defn(name="accounts.begin")
    async def begin(self, request: SignInRequest) -> SignInOutcome:
        """Begin a sign-in; ``sign_in_id`` of the outcome is where the store has its address."""
        raise NotImplementedError

    @activity.defn(name="accounts.finish")
    async def finish(self, sign_in_id: str) -> SignInOutcome:
        """Exchange the code that was brought for an account, once."""
        raise NotImplementedError

    @activity.defn(name="accounts.end")
    async def end(self, request: SignInRequest) -> SignInOutcome:
        """Disconnect an account, at the service and here."""
        raise NotImplementedError
