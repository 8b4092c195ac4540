"""The files of the embedded servers: whether they are what the servers left there."""

import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, warn
from gateway.embedded.binaries import POSTGRES_MAJOR
from gateway.home import Home

SEARCH_S = 5.0
"""For looking through temporal.db. What was sound until then counts as sound."""

_HEADER = b"SQLite format 3\x00"
_BACKUP = "restore it from a backup (docs/operations.md, Backup)"


def check(facts: Facts) -> list[Finding]:
    runtime, home = facts.settings.runtime, facts.home
    found = []
    if runtime.embedded_temporal:
        found += temporal(home)
    if runtime.embedded_database:
        found += postgres(home)
    return found


def temporal(home: Home) -> list[Finding]:
    file = home.temporal / "temporal.db"
    damage = damaged(file)
    if not damage:
        return []
    fix = (
        f"clara stop, then {_BACKUP}. Without one move {file} away, and {file.name}-wal and {file.name}-shm, "
        "then clara start: conversations stay, messages that were not answered yet are lost."
    )
    return [broken("temporal.db", f"{file} is damaged: {damage}", fix)]


def damaged(file: Path) -> str:
    """What is wrong with a database file; empty where nothing is, or where there is none."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            begins = opened.read(len(_HEADER))
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or "it cannot be read"
    if size == 0:
        return ""  # what a server that was started just now leaves
    if begins != _HEADER:
        return "it does not begin as a database does"
    return _searched(file)


def _searched(file: Path) -> str:
    deadline = time.monotonic() + SEARCH_S
    try:
        connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=2)
    except sqlite3.Error as error:
        return str(error)
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
    try:
        verdict = connection.execute("pragma quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        passing = ("interrupted", "locked", "busy", "unable to open")
        return "" if any(word in str(error) for word in passing) else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()
    return "" if verdict == ("ok",) else " ".join(str(verdict[0] if verdict else "no answer").split())[:200]


def postgres(home: Home) -> list[Finding]:
    data = home.postgres / "data"
    if not data.exists():
        if home.record.exists() and (home.postgres / "password").exists():
            words = f"{data} is gone, so the next start makes an empty database"
            return [warn("postgres data", words, f"If you did not want that: clara stop, then {_BACKUP}.")]
        return []
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except OSError:
        version = ""
    if not version or not (data / "global" / "pg_control").exists():
        what = f"{data} is damaged: {'PG_VERSION' if not version else 'global/pg_control'} is missing"
        return [broken("postgres data", what, f"clara stop, then {_BACKUP}.")]
    if version != POSTGRES_MAJOR:
        fix = f"Dump it with Postgres {version} (pg_dumpall), start with a new home, and load it there."
        return [broken("postgres data", f"{data} is of Postgres {version}, and this is {POSTGRES_MAJOR}", fix)]
    return []
