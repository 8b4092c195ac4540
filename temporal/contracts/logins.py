"""Logins of people at plugins, as workflows ask for them. Codes and addresses are in the store, not in histories."""

from temporalio import activity

from clara.plugins.logins import LoginOutcome, LoginRequest


class Logins:
    @activity.defn(name="logins.begin")
    async def begin(self, request: LoginRequest) -> LoginOutcome:
        """Begin a login; ``login_id`` of the outcome is where the store has its address."""
        raise NotImplementedError

    @activity.defn(name="logins.finish")
    async def finish(self, login_id: str) -> LoginOutcome:
        """Exchange the code that was brought for a login, once."""
        raise NotImplementedError

    @activity.defn(name="logins.end")
    async def end(self, request: LoginRequest) -> LoginOutcome:
        """End the login of a person, at the server and here."""
        raise NotImplementedError
