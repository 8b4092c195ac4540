"""What is asked of an authorization server: to give tokens, to renew them, to end them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard, cast
from urllib.parse import quote, urlencode

from activities.http.client import Client, Response
from activities.http.faults import fault, fault_of_status
from activities.oauth.login import Begun, Endpoints, Login, Registration
from clara.errors import ToolFailed, Unavailable

_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
LONGEST = 16_384
"""Characters of a token."""


class Rejected(ToolFailed):
    """The server takes this code, token or client no longer. ``code`` is OAuth's word for why."""

    def __init__(self, who: str, code: str) -> None:
        super().__init__(f"{who} does not take the login any more ({code}).")
        self.code = code


@dataclass(frozen=True)
class Given:
    """Tokens, as they were given."""

    login: Login
    expires_at: datetime | None
    id_token: str = field(default="", repr=False)
    """Who the person is, where that was asked for (OpenID Connect)."""


async def exchange(client: Client, who: str, begun: Begun, code: str) -> Given:
    """The tokens for a code. Raises Rejected where it is not, or no longer, taken."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": begun.redirect_uri,
        "code_verifier": begun.verifier,
        **_resource(begun.endpoints),
    }
    empty = Login(access_token="", endpoints=begun.endpoints, registration=begun.registration)
    return await _tokens(client, who, empty, form)


async def refresh(client: Client, who: str, login: Login) -> Given:
    """New tokens in place of old ones. Raises Rejected where the person has to connect again."""
    assert login.endpoints is not None
    form = {
        "grant_type": "refresh_token",
        "refresh_token": login.refresh_token,
        **_resource(login.endpoints),
        **({"scope": login.scope} if login.scope else {}),
    }
    return await _tokens(client, who, login, form)


def _resource(endpoints: Endpoints) -> dict[str, str]:
    return {"resource": endpoints.resource} if endpoints.resource else {}


async def revoke(client: Client, login: Login) -> bool:
    """End a login at the server (RFC 7009); False where it offers no way to. Raises what ``Client`` does."""
    if login.endpoints is None or login.registration is None or not login.endpoints.revocation:
        return False
    kinds = {"refresh_token": login.refresh_token, "access_token": login.access_token}
    for kind, token in kinds.items():
        if token:
            form = {"token": token, "token_type_hint": kind}
            answer = await _asked(client, login.registration, login.endpoints.revocation, form)
            if answer.status != 400 or _error(answer) != "invalid_token":  # one that has ended already
                answer.check()
    return True


async def _tokens(client: Client, who: str, login: Login, form: Mapping[str, str]) -> Given:
    assert login.endpoints is not None
    assert login.registration is not None
    answer = await _asked(client, login.registration, login.endpoints.token, form)
    if answer.status in (400, 401):
        raise Rejected(who, _error(answer))
    if answer.status != 200:
        raise fault_of_status(answer.status, answer.headers, who)
    found = object_of(answer, who)
    access, renewed = found.get("access_token"), found.get("refresh_token") or login.refresh_token
    if not _is_token(access) or str(found.get("token_type", "bearer")).lower() != "bearer":
        raise fault("garbled", who)
    scope = found.get("scope")
    given = login.model_copy(
        update={
            "access_token": access,
            "refresh_token": renewed if _is_token(renewed) else "",
            "scope": scope if isinstance(scope, str) else login.scope,
        }
    )
    id_token = found.get("id_token")
    return Given(given, _expiry(found.get("expires_in")), id_token if _is_token(id_token) else "")


async def _asked(client: Client, registration: Registration, url: str, form: Mapping[str, str]) -> Response:
    headers, fields = dict(_FORM), {**form, "client_id": registration.client_id}
    match registration.method:
        case "client_secret_post":
            fields["client_secret"] = registration.client_secret
        case "client_secret_basic":
            del fields["client_id"]
            pair = f"{quote(registration.client_id, safe='')}:{quote(registration.client_secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return await client.request("POST", url, headers=headers, body=urlencode(fields).encode())


def object_of(answer: Response, who: str) -> dict[str, Any]:
    """What a server answered in JSON; Unavailable for anything else."""
    found = answer.json()
    if not isinstance(found, dict):
        raise fault("garbled", who)
    return found


def _error(answer: Response) -> str:
    """OAuth's word for what was wrong; nothing else of what a server says is repeated."""
    try:
        found = answer.json()
    except Unavailable:
        return "refused"
    code = found.get("error") if isinstance(found, dict) else None
    return code if code in _CODES else "refused"


_CODES = frozenset(
    (
        *("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "invalid_target"),
        *("invalid_request", "invalid_token"),
    )
)


def _is_token(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()


def _expiry(seconds: object) -> datetime | None:
    try:
        lifetime = timedelta(seconds=float(cast(str, seconds)))
        return datetime.now(UTC) + lifetime if timedelta() < lifetime < timedelta(days=3650) else None
    except (TypeError, ValueError, OverflowError):
        return None
