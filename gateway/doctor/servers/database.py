"""Clara's database: whether it answers, and is as she needs it."""

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.inspection.status import without_password
from store import migrations

OLDEST_POSTGRES = 150000
CONNECT_S = 5
STATEMENT_MS = 5_000
SKEW_S = 5.0
"""Difference of clocks from which on times in replies and reminders are wrong."""

_CREATED = re.compile(r"^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)", re.IGNORECASE | re.MULTILINE)
_DROPPED = re.compile(r"^\s*drop\s+table\s+(?:if\s+exists\s+)?(\w+)", re.IGNORECASE | re.MULTILINE)
_RENAMED = re.compile(r"^\s*alter\s+table\s+(\w+)\s+rename\s+to\s+(\w+)", re.IGNORECASE | re.MULTILINE)


async def check(facts: Facts) -> list[Finding]:
    url = facts.database_url
    if url is None or not facts.can_ask_database:
        return []  # that she is down, or that stack.json is damaged, is told by their own checks
    try:
        connection = await connect(url)
    except psycopg.Error as error:
        return [_refused(facts, url, reason(error))]
    async with connection:
        try:
            return [
                *of_server(connection.info.server_version, connection.info.parameter_status("server_encoding"), url),
                *await _extension(connection),
                *await _schema(connection, url),
                *await _clock(connection),
                *await _connections(connection),
            ]
        except psycopg.errors.QueryCanceled:
            fix = "See what it is busy with: select * from pg_stat_activity; and: clara logs postgres"
            return [broken("database", "answers too slowly: a simple question took more than 5 seconds", fix)]
        except psycopg.errors.InsufficientPrivilege as error:
            fix = (
                "Let the role of DATABASE_URL own the tables: alter table … owner to …; or use the role that made them."
            )
            return [broken("database", f"{without_password(url)}: {reason(error)}", fix)]


async def connect(url: str) -> "psycopg.AsyncConnection[tuple[object, ...]]":
    """A connection whose statements give up. psycopg.Error."""
    connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_S, autocommit=True)
    await connection.execute(f"set statement_timeout = {STATEMENT_MS}")
    return connection


def reason(error: psycopg.Error) -> str:
    """What an error says, without libpq's repetition of the address and its guesses."""
    lines = str(error).strip().splitlines() or ["no answer"]
    line = lines[-1] if lines[0].startswith("Multiple connection attempts") else lines[0]
    return line.rpartition("failed: ")[2].removeprefix("FATAL:").strip()


def _refused(facts: Facts, url: str, why: str) -> Finding:
    where = without_password(url)
    embedded = facts.settings.runtime.embedded_database
    if "does not exist" in why and "database" in why:
        name = url.rpartition("/")[2].partition("?")[0]
        fix = f"Create it: create database {name} encoding 'UTF8' template template0; or correct DATABASE_URL."
    elif "password authentication failed" in why or "no password supplied" in why:
        fix = (
            "Restore postgres/password and stack.json from the same backup."
            if embedded
            else "Check DATABASE_URL: the user or the password is wrong."
        )
    elif "too many" in why or "remaining connection slots" in why:
        fix = "End what holds its connections, or raise max_connections."
    elif "starting up" in why or "recovery" in why:
        fix = "Wait for it: it is reading its log after a crash. Then: clara doctor"
    else:
        fix = "See: clara logs postgres" if embedded else "Check DATABASE_URL, and that its server can be reached."
    return broken("database", f"{where}: {why}", fix)


def of_server(version: int, encoding: str | None, url: str) -> list[Finding]:
    """``version`` as libpq writes it: 180004 is 18.4."""
    name = f"Postgres {version // 10000}.{version % 10000}"
    found = [ok("database", f"{name} at {without_password(url)}")]
    if version < OLDEST_POSTGRES:
        found = [broken("database", f"{name} is too old", f"Use Postgres {OLDEST_POSTGRES // 10000} or newer.")]
    if encoding not in (None, "UTF8"):
        fix = "Make another one: create database clara encoding 'UTF8' template template0; then correct DATABASE_URL."
        found.append(broken("database", f"its encoding is {encoding}, which cannot hold every letter", fix))
    return found


async def _extension(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> list[Finding]:
    rows = await connection.execute(
        "select installed_version, default_version from pg_available_extensions where name = 'vector'"
    )
    vector = await rows.fetchone()
    if vector is None:
        return [broken("pgvector", "the database does not have it", "Install pgvector on the database's server.")]
    return [ok("pgvector", str(vector[0] or vector[1]))]


async def _schema(connection: "psycopg.AsyncConnection[tuple[object, ...]]", url: str) -> list[Finding]:
    rows = await connection.execute("select tablename from pg_tables where schemaname = any (current_schemas(false))")
    tables = {str(row[0]) for row in await rows.fetchall()}
    current = None
    if "alembic_version" in tables:
        row = await (await connection.execute("select version_num from alembic_version")).fetchone()
        current = str(row[0]) if row else None
    return schema(current, tables, url)


def schema(current: str | None, tables: set[str], url: str) -> list[Finding]:
    """``current`` is the revision that the database says it is at."""
    head = migrations.head()
    if current is None and tables & expected_tables():
        words = "its tables are there, and the record of its revision (alembic_version) is not"
        return [broken("schema", words, "Restore the database from a backup (docs/operations.md, Backup).")]
    if current is not None and current > head:
        fix = "Update Clara (git pull, make setup), or restore the backup from before the upgrade."
        return [broken("schema", f"at {current}, which is newer than this Clara knows ({head})", fix)]
    if current != head:
        words = f"at {current or 'nothing yet'}, the newest is {head}"
        return [broken("schema", words, "clara db upgrade", lambda: _upgraded(url))]
    missing = sorted(expected_tables() - tables)
    if missing:
        words = f"at {head}, but the table{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
        words += "are missing" if len(missing) > 1 else "is missing"
        return [broken("schema", words, "Restore the database from a backup (docs/operations.md, Backup).")]
    return [ok("schema", f"at {head}, the newest")]


def _upgraded(url: str) -> str:
    migrations.upgrade(url)
    return f"brought the schema to {migrations.head()}"


def expected_tables() -> set[str]:
    """The tables that all migrations together leave."""
    return tables_of(path.read_text() for path in sorted(Path(migrations.FOLDER, "versions").glob("*.sql")))


def tables_of(scripts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for script in scripts:
        found |= set(_CREATED.findall(script))
        found -= set(_DROPPED.findall(script))
        for old, new in _RENAMED.findall(script):
            found = found - {old} | {new}
    return found


async def _clock(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> list[Finding]:
    asked = time.time()
    row = await (await connection.execute("select extract(epoch from clock_timestamp())::float8")).fetchone()
    answered = time.time()
    assert row is not None
    return skew("database", float(str(row[0])), asked, answered)


def skew(server: str, theirs: float, asked: float, answered: float) -> list[Finding]:
    """Whether a server's clock differs from this machine's. All times are in seconds since 1970."""
    # The answer was made at some time between the question and its arrival: only what is outside counts.
    difference = theirs - answered if theirs > answered else min(theirs - asked, 0.0)
    if abs(difference) <= SKEW_S:
        return []
    direction = "ahead of" if difference > 0 else "behind"
    at = datetime.fromtimestamp(theirs, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    words = f"the clock of the {server} is {abs(difference):.0f} s {direction} this machine's (it says {at})"
    fix = "Set both clocks by NTP: timedatectl set-ntp true. Until then times and pauses are wrong."
    return [warn("clock", words, fix)]


async def _connections(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> list[Finding]:
    row = await (
        await connection.execute(
            "select (select count(*) from pg_stat_activity where backend_type = 'client backend'),"
            " current_setting('max_connections')::int, pg_is_in_recovery(),"
            " current_setting('default_transaction_read_only') = 'on'"
        )
    ).fetchone()
    assert row is not None
    return capacity(int(str(row[0])), int(str(row[1])), bool(row[2]) or bool(row[3]))


def capacity(used: int, allowed: int, read_only: bool) -> list[Finding]:
    found = []
    if read_only:
        fix = "Point DATABASE_URL at the primary server, not at a copy of it."
        found.append(broken("database", "it can only be read", fix))
    if used > allowed * 0.9:
        words = f"{used} of {allowed} connections are in use"
        found.append(warn("database", words, "End what holds them, or raise max_connections."))
    return found
