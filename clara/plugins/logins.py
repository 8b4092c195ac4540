"""Logins of people at plugins: what is asked of the workers that carry them out, and what they say."""

import json
import re
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from clara.errors import UserError
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
    left: bool = Field(False, description="of one that ended: its server was not told, so it goes on there")


OVER = LoginOutcome(
    done=False, text="This login was used already, or it is older than ten minutes. If you need it, begin again."
)


CLIENT_ID, CLIENT_SECRET = "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"
"""What an administrator sets of a plugin whose authorization server lets no program introduce itself."""

NAMES = ("code", "state", "iss", "error")
LONGEST = 4_096


def by_hand(text: str) -> dict[str, str]:
    """The answer in an address that somebody has copied, or that is a bare code. UserError where it is neither."""
    text = text.strip().strip("<>`\"'")
    if "://" in text or "code=" in text or "error=" in text:
        query = urlsplit(text).query if "://" in text else text.rpartition("?")[2]
        found = {name: value for name, value in parse_qsl(query) if name in NAMES and len(value) <= LONGEST}
        if "code" in found or "error" in found:
            return found
    elif re.fullmatch(rf"[!-~]{{1,{LONGEST}}}", text):
        return {"code": text}
    raise UserError(
        "That is not what the login answers. Copy the whole address that your browser shows at the end, "
        "which has code= in it."
    )


LONGEST_TOKEN = 16_384


def typed_token(token: str) -> str:
    """A token that somebody got from a service by themselves, as a login is kept. UserError if it can be none."""
    if not re.fullmatch(rf"[!-~]{{1,{LONGEST_TOKEN}}}", token):
        raise UserError("A token is one word of plain letters, digits and signs.")
    return json.dumps({"access_token": token})


def login_place(plugin_id: str, user_id: str) -> str:
    """What a login is sealed for."""
    return f"login/{plugin_id}/{user_id}"
