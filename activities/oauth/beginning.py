"""The begin and the end of what a browser does in a login: the address to send it to, and the answer it comes with."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from activities.oauth.login import Begun, Endpoints, Registration


def begin(endpoints: Endpoints, registration: Registration, redirect_uri: str) -> Begun:
    """A login with a verifier of its own (PKCE)."""
    return Begun(
        endpoints=endpoints,
        registration=registration,
        redirect_uri=redirect_uri,
        verifier=secrets.token_urlsafe(48),
    )


def address(begun: Begun, state: str, more: Mapping[str, str] | None = None) -> str:
    """Where the person says yes. ``more`` is what this server takes beyond the standard."""
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": begun.registration.client_id,
        "redirect_uri": begun.redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **({"resource": begun.endpoints.resource} if begun.endpoints.resource else {}),
        **({"scope": begun.endpoints.scope} if begun.endpoints.scope else {}),
        **(more or {}),
    }
    authorization = begun.endpoints.authorization
    return f"{authorization}{'&' if '?' in authorization else '?'}{urlencode(asked)}"


def problem(answer: Mapping[str, object], begun: Begun, who: str) -> str | None:
    """Why an answer is of no use, for the person; None for one with a code. ``who`` is what they connect."""
    if answer.get("error") == "access_denied":
        return f"You said no, so {who} is not connected."
    if "error" in answer or not isinstance(answer.get("code"), str):
        return f"The login of {who} did not work. Nothing was connected. Please begin again."
    issuer = answer.get("iss")
    # RFC 9207: another server's answer must not be taken for this one's.
    if issuer != begun.endpoints.issuer and (
        issuer is not None or (begun.endpoints.names_issuer and "state" in answer)
    ):
        return "The answer comes from another login than the one that I sent you to. Nothing was connected."
    return None
