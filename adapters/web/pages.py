"""The pages, in plain words. They need no script, and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse, Response

from adapters.door.logins import WaitingLogin
from clara.plugins.logins import LoginOutcome

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6475; --page: #f3f5f9; --card: #fff; --line: #dde2ec;
  --accent: #2f5fd0; --good: #1c7c4a; --bad: #b3372b }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf2; --soft: #a3acbd; --page: #12151c; --card: #1b202a;
  --line: #2c3341; --accent: #86a8ff; --good: #6fd3a0; --bad: #ff9c8f } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif }
main { width: min(32rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 2rem }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.3 }
h1.good { color: var(--good) } h1.bad { color: var(--bad) }
p { margin: 0 0 .9rem; overflow-wrap: anywhere } p:last-child { margin-bottom: 0 }
.soft { color: var(--soft) }
form { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem }
button { font: inherit; padding: .6rem 1.2rem; border-radius: 9px; border: 1px solid var(--line); cursor: pointer;
  background: transparent; color: var(--ink) }
button.yes { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600 }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
"""

POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What browsers let these pages do: have their style, and send their form here."""


class Pages:
    """``name`` is hers."""

    def __init__(self, name: str) -> None:
        self._name = name

    def confirm(self, login: WaitingLogin, answer: Mapping[str, str]) -> Response:
        """Asks whether the login is meant for the one who began it; ``answer`` comes back with the yes."""
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in answer.items()
        )
        return self._page(
            f"Connect {login.name}?",
            f"<p>{escape(self._name)} will use your account at <strong>{escape(login.name)}</strong> for "
            f"<strong>{escape(login.person)}</strong>.</p>"
            "<p class='soft'>Only go on if that is you, and if you have just asked for it. Whoever sent you here "
            "otherwise would get to use your account.</p>"
            f"<form method='post' action='/oauth/callback'>{hidden}"
            "<button class='yes' name='decision' value='yes'>Connect</button>"
            "<button name='decision' value='no'>This was not me</button></form>",
        )

    def outcome(self, outcome: LoginOutcome) -> Response:
        title, kind = ("Connected", "good") if outcome.done else ("Not connected", "bad")
        closing = "<p class='soft'>You can close this page and go on with your conversation.</p>"
        return self._page(title, f"<p>{escape(outcome.text)}</p>{closing}", kind, 200 if outcome.done else 400)

    def unknown_login(self) -> Response:
        text = (
            "This login was used already, or it is older than ten minutes, or its address is not whole. If you need "
            f"it, ask {self._name} for a new one."
        )
        return self._page("Nothing to do here", f"<p>{escape(text)}</p>", "bad", 400)

    def away(self) -> Response:
        text = f"{self._name} cannot be reached just now. Please load this page again in a minute."
        return self._page("One moment", f"<p>{escape(text)}</p>", "bad", 503)

    def broken(self) -> Response:
        text = "Something on my side broke. Please try again; the logs have the details."
        return self._page("That did not work", f"<p>{escape(text)}</p>", "bad", 500)

    def wrong_host(self) -> Response:
        text = "This is not an address of mine. Whoever runs me sets it in CLARA_API_URL."
        return self._page("Wrong address", f"<p>{escape(text)}</p>", "bad", 421)

    def _page(self, title: str, body: str, kind: str = "", status: int = 200) -> Response:
        return HTMLResponse(
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<title>{escape(title)} · {escape(self._name)}</title><style>{_STYLE}</style></head>"
            f"<body><main><h1 class='{kind}'>{escape(title)}</h1>{body}</main></body></html>",
            status,
        )
