"""What a browser comes back with from a login, or a person brings by hand."""

from collections.abc import Mapping

from activities.plugins.authorizing.login import Begun
from clara.plugins.logins import by_hand

__all__ = ["by_hand", "problem"]


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
