"""What a browser comes back with from a login, or a person brings by hand."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from activities.plugins.authorizing.login import Begun
from clara.errors import UserError

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


def problem(answer: Mapping[str, object], begun: Begun, plugin: str) -> str | None:
    """Why an answer is of no use, for the person; None for one with a code."""
    if answer.get("error") == "access_denied":
        return f"You said no, so the plugin {plugin} is not connected."
    if "error" in answer or not isinstance(answer.get("code"), str):
        return f"The login of the plugin {plugin} did not work. Nothing was connected. Please begin again."
    issuer = answer.get("iss")
    # RFC 9207: another server's answer must not be taken for this one's.
    if issuer != begun.endpoints.issuer and (
        issuer is not None or (begun.endpoints.names_issuer and "state" in answer)
    ):
        return "The answer comes from another login than the one that I sent you to. Nothing was connected."
    return None
