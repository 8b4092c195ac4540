"""Google, as accounts are connected with it."""

from collections.abc import Collection

from activities.accounts.provider import Provider
from activities.oauth.login import Endpoints, Registration
from clara import google
from clara.settings.google import GoogleSettings

ACCOUNTS = "https://accounts.google.com"
TOKENS = "https://oauth2.googleapis.com"

NOT_SET_UP = "who runs me has to make a client at Google and set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"


def provider(settings: GoogleSettings) -> Provider | None:
    """None where the operator has made no client for Clara."""
    if not settings.client_id or settings.client_secret is None:
        return None
    accounts, tokens = settings.base_url or ACCOUNTS, settings.base_url or TOKENS
    return Provider(
        service="google",
        endpoints=Endpoints(
            issuer=accounts,
            authorization=f"{accounts}/o/oauth2/v2/auth",
            token=f"{tokens}/token",
            revocation=f"{tokens}/revoke",
            scope=" ".join((*google.IDENTITY, *google.ALLOWS)),
        ),
        registration=Registration(
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            method="client_secret_post",
        ),
        settings="GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET",
        told=told,
        # Without these Google gives a token that lasts an hour, or keeps back the one that renews it.
        more={"access_type": "offline", "prompt": "consent"},
        trusted=(settings.base_url,) if settings.base_url else (),
        home="https://myaccount.google.com/connections",
    )


def told(scopes: Collection[str]) -> str:
    """What Clara may do, and what the person has unticked."""
    may = google.allowed(scopes)
    not_ticked = [words for scope, words in google.ALLOWS.items() if scope not in scopes]
    parts = [f"I may {'; '.join(may)}." if may else "You have allowed me nothing there."]
    parts += [f"I may not {'; '.join(not_ticked)}: to change that, connect again and tick it."] if not_ticked else []
    return " ".join(parts)
