"""Accounts that people have with other services, such as GitHub, and have connected with Clara."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from clara import google
from clara.messages import ConversationKey, Value

Service = Literal["github", "azure-devops", "google"]

NAMES: Mapping[Service, str] = {"github": "GitHub", "azure-devops": "Azure DevOps", "google": "Google"}


class Account(Value):
    """What is known of a connected account. Never its token."""

    user_id: str
    service: Service
    login: str = Field(description="as the service calls its owner")
    base_url: str = Field("", description="where it is, if not at the service's own address")
    scopes: tuple[str, ...] = Field((), description="what its token may do, as the service told when it was checked")
    connected_at: datetime
    fault: str = Field("", description="why it cannot be used any more, as a sentence; empty while it can")


class ConnectRequest(Value):
    """A token to be checked and kept; it waits, sealed, in the store. No secret, and no word of anybody's."""

    reference: str
    user_id: str
    service: Service


class ConnectOutcome(Value):
    connected: bool
    said: str = Field(description="a sentence for the person")


class SignInRequest(Value):
    """A person wants to connect an account in their browser, or no longer to have it connected."""

    user_id: str
    service: Service
    conversation: ConversationKey | None = Field(None, description="where the person is told that it is done")


class SignInStep(Value):
    """One step of it, as a workflow is asked for it. No secret: codes and addresses are in the store."""

    step: Literal["begin", "finish", "end"]
    request: SignInRequest | None = Field(None, description="for begin and end")
    sign_in_id: str = Field("", description="for finish: the one that the browser came back with")


class SignInOutcome(Value):
    """What came of a step."""

    done: bool
    text: str = Field(description="for the person")
    sign_in_id: str = Field("", description="of one that has begun; its address is in the store")
    left: bool = Field(False, description="the service could not be told that it is over")


def place(user_id: str, service: Service) -> str:
    """What a sealed token is sealed for."""
    return f"account/{user_id}/{service}"


def workflow_id(reference: str) -> str:
    return f"account/{reference}"


def described(account: Account) -> str:
    """One line for people."""
    where = f" at {account.base_url}" if account.base_url else ""
    may = google.allowed(account.scopes) if account.service == "google" else account.scopes
    scopes = f", may: {', '.join(may)}" if may else ""
    return f"{account.login}{where}{scopes}{f'. {account.fault}' if account.fault else ''}"
