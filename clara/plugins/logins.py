"""Logins of people at plugins: what is asked of the workers that carry them out, and what they say."""

from typing import Literal

from pydantic import Field

from clara.messages import ConversationKey, Value
from clara.notices import Notice

LoginState = Literal["none", "connected", "lost"]
"""``lost``: the server no longer takes it, so the person has to connect again."""


class LoginRequest(Value):
    """A person wants to be connected to a plugin, or no longer."""

    plugin_id: str
    user_id: str
    conversation: ConversationKey | None = Field(None, description="where the person is told that it is done")


class LoginStep(Value):
    """One step of a login, as a workflow is asked for it. It holds no secret: codes and addresses are in the store."""

    step: Literal["begin", "finish", "end"]
    request: LoginRequest | None = Field(None, description="for begin and end")
    login_id: str = Field("", description="for finish: the login that the browser came back with")


class LoginOutcome(Value):
    """What came of a step."""

    done: bool
    text: str = Field(description="for the person")
    login_id: str = Field("", description="of one that has begun; its address is in the store")
    connected: LoginRequest | None = Field(None, description="who is connected to what from now on")
    notice: Notice | None = Field(None, description="what the person is told in their conversation")
