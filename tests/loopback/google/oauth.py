"""Google's login: PKCE, consent with boxes that can be unticked, tokens for an hour, revocation.

As Google does it: the token that renews is given with the code alone and is never replaced, and ending any token of an
account with a client ends them all.
"""

import base64
import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.loopback.google.described import Json
from tests.loopback.google.server import as_json
from tests.loopback.http import Asked, Respond, answer

CLIENT_ID, CLIENT_SECRET = "clara-1.apps.googleusercontent.com", "GOCSPX-canary-secret"
EMAIL_SCOPE = "https://www.googleapis.com/auth/userinfo.email"


@dataclass
class Grant:
    account: str
    scopes: list[str]
    refresh: str
    access: set[str] = field(default_factory=set)


@dataclass
class GoogleLogin:
    """``tokens`` are the access tokens that are good, and whose: a ``GoogleServer`` may share them."""

    tokens: dict[str, str] = field(default_factory=dict)
    lifetime_s: int = 3599
    down: bool = False
    audience: str = CLIENT_ID
    asked: Counter[str] = field(default_factory=Counter)
    """By kind of grant, and ``revoke``."""
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, tuple[Grant, Mapping[str, str]]] = field(default_factory=dict)
    secret: str = CLIENT_SECRET

    @property
    def pages(self) -> Mapping[str, Callable[[Asked], Respond]]:
        return {"/token": self._token, "/revoke": self._revoke}

    def says_yes(self, url: str, account: str, unticked: tuple[str, ...] = ()) -> str:
        """Whoever opens the address says yes as the owner of an account: where the browser is sent then."""
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert parts.path == "/o/oauth2/v2/auth"
        fixed = ("client_id", "response_type", "code_challenge_method", "access_type", "prompt")
        assert [asked[name] for name in fixed] == [CLIENT_ID, "code", "S256", "offline", "consent"]
        assert set(asked) == {*fixed, "redirect_uri", "scope", "state", "code_challenge"}
        scopes = [EMAIL_SCOPE if scope == "email" else scope for scope in asked["scope"].split()]
        grant = Grant(account, [scope for scope in scopes if scope not in unticked], f"1//{secrets.token_hex(16)}")
        code = f"4/0A{secrets.token_urlsafe(24)}"
        self.codes[code] = grant, asked
        back = {"state": asked["state"], "iss": f"{parts.scheme}://{parts.netloc}", "code": code}
        more = {"scope": " ".join(grant.scopes), "authuser": "0", "prompt": "consent"}
        return f"{asked['redirect_uri']}?{urlencode({**back, **more})}"

    def says_no(self, url: str) -> str:
        asked = parse_qs(urlsplit(url).query)
        return f"{asked['redirect_uri'][0]}?{urlencode({'error': 'access_denied', 'state': asked['state'][0]})}"

    def end(self, account: str) -> None:
        """The person takes it back in the settings of their account."""
        for grant in [grant for grant in self.grants if grant.account == account]:
            self._end(grant)

    def _end(self, grant: Grant) -> None:
        self.grants.remove(grant)
        for token in grant.access:
            self.tokens.pop(token, None)

    def _token(self, asked: Asked) -> Respond:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        self.asked[form["grant_type"]] += 1
        if self.down:
            return answer(b"", "503 Service Unavailable")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, self.secret):
            return as_json({"error": "invalid_client", "error_description": "Unauthorized"}, "401 Unauthorized")
        known = {"client_id", "client_secret", "grant_type"}
        if form["grant_type"] == "authorization_code":
            assert set(form) == {*known, "code", "redirect_uri", "code_verifier"}
            grant, first = self._of_code(form), True
        else:
            assert set(form) == {*known, "refresh_token"}
            grant, first = next((each for each in self.grants if each.refresh == form["refresh_token"]), None), False
        if grant is None:
            return as_json({"error": "invalid_grant", "error_description": "Bad Request"}, "400 Bad Request")
        access = f"ya29.{secrets.token_hex(16)}"
        grant.access.add(access)
        self.tokens[access] = grant.account
        given = {"access_token": access, "expires_in": self.lifetime_s, "token_type": "Bearer"}
        given |= {"scope": " ".join(grant.scopes), "id_token": self._id_token(grant.account)}
        return as_json(given | ({"refresh_token": grant.refresh} if first else {}))

    def _of_code(self, form: Mapping[str, str]) -> Grant | None:
        grant, asked = self.codes.pop(form["code"], (None, {}))
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if grant is None or digest != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        self.grants.append(grant)
        return grant

    def _id_token(self, account: str) -> str:
        claims: Json = {"iss": "https://accounts.google.com", "aud": self.audience, "email": f"{account}@example.org"}
        claims |= {"email_verified": True, "sub": "1", "iat": int(time.time()), "exp": int(time.time()) + 3600}
        parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, claims)] + [b"signature"]
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

    def _revoke(self, asked: Asked) -> Respond:
        self.asked["revoke"] += 1
        token = parse_qs(asked.body.decode())["token"][0]
        if self.down:
            return answer(b"", "503 Service Unavailable")
        for grant in self.grants:
            if token == grant.refresh or token in grant.access:
                self.end(grant.account)
                return as_json({})
        return as_json({"error": "invalid_token", "error_description": "Token expired or revoked"}, "400 Bad Request")
