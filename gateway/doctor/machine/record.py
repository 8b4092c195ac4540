"""stack.json and the database's password: without them the embedded servers cannot be reached."""

import os
from shlex import quote
from urllib.parse import unquote, urlsplit

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken
from gateway.home import Home
from gateway.home.record import write_private

NAME = "stack.json"


def check(facts: Facts) -> list[Finding]:
    home = facts.home
    if facts.record is None:
        return [_damaged(home)]
    found = []
    if facts.record and facts.settings.runtime.embedded_database:
        found += _password(home, facts.record.get("database_url", ""))
    return found


def _damaged(home: Home) -> Finding:
    if not os.access(home.record, os.R_OK):
        return broken(NAME, f"{home.record} may not be read by you", f"sudo chown $USER {quote(str(home.record))}")
    what = f"{home.record} is damaged, so the embedded servers cannot be reached"
    # The password lies beside the data and ports are chosen anew: nothing in it is needed for good.
    away = f"mv {quote(str(home.record))} {quote(f'{home.record}.damaged')}"
    fix = f"clara stop, then {away}, then clara start. Nothing is lost by that."
    return broken(NAME, what, fix)


def _password(home: Home, url: str) -> list[Finding]:
    """The file from which the next start takes the password, against the one that is in use."""
    file = home.postgres / "password"
    if not (home.postgres / "data").is_dir():
        return []
    try:
        kept = file.read_text().strip()
    except FileNotFoundError:
        kept = ""
    except OSError:
        return []  # the permissions' check names it
    used = unquote(urlsplit(url).password or "")
    if kept == used and kept:
        return []
    what = f"{file} is {'another password than the one in use' if kept else 'missing or empty'}"
    if kept or not used:
        return [broken(NAME, what, "Restore postgres/ and stack.json from the same backup.")]

    def restore() -> str:
        write_private(file, used)
        return f"wrote {file} again from {home.record}"

    fix = "clara doctor --fix writes it again from stack.json; without it the next start is locked out."
    return [broken(NAME, what, fix, restore)]
