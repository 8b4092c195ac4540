"""What is kept of a login, encrypted."""

from typing import Literal

from pydantic import Field

from clara.messages import Value

ClientAuth = Literal["none", "client_secret_post", "client_secret_basic"]
"""How a client shows the authorization server who it is."""


class Endpoints(Value):
    """Where an authorization server is asked what, and for which resource."""

    issuer: str
    authorization: str
    token: str
    registration: str = ""
    revocation: str = ""
    names_issuer: bool = Field(False, description="whether it promises to name itself in its answers (RFC 9207)")
    auth_methods: tuple[str, ...] = ()
    resource: str = Field("", description="the server that tokens are for (RFC 8707), where it wants to be told")
    scope: str | None = None


class Registration(Value):
    """Clara as a client of an authorization server."""

    client_id: str
    client_secret: str = Field("", repr=False)
    method: ClientAuth = "none"


class Begun(Value):
    """A login that waits for the browser."""

    endpoints: Endpoints
    registration: Registration
    redirect_uri: str
    verifier: str = Field(repr=False)


class Login(Value):
    """A login that is of use. One whose token was set by hand has neither endpoints nor a registration."""

    access_token: str = Field(repr=False)
    refresh_token: str = Field("", repr=False)
    scope: str | None = None
    endpoints: Endpoints | None = None
    registration: Registration | None = None
