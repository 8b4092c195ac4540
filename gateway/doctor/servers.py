"""Whether the database and Temporal answer, and are as Clara needs them."""

import asyncio
from collections.abc import Iterator

import psycopg
from temporalio.client import Client
from temporalio.service import RPCError

from clara.errors import ClaraError
from clara.settings import Settings
from gateway import namespace
from gateway.doctor.check import Check
from gateway.reached import reached
from gateway.status import without_password
from store import migrations
from temporal import queues

OLDEST_POSTGRES = 150000
CONNECT_S = 5


def database(settings: Settings) -> Iterator[Check]:
    url = settings.runtime.database_url
    if url is None:
        yield Check("database", "fail", "not set up yet", "clara start")
        return
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_S, autocommit=True) as connection:
            version = connection.info.server_version
            vector = connection.execute(
                "select installed_version, default_version from pg_available_extensions where name = 'vector'"
            ).fetchone()
        current = migrations.current(url)
    except psycopg.Error as error:
        detail = f"{without_password(url)}: {(str(error).strip().splitlines() or ['no answer'])[-1]}"
        yield Check("database", "fail", detail, _advice(settings.runtime.embedded_database, "DATABASE_URL", "postgres"))
        return
    name = f"Postgres {version // 10000}.{version % 10000}"
    if version < OLDEST_POSTGRES:
        yield Check("database", "fail", name, f"Use Postgres {OLDEST_POSTGRES // 10000} or newer.")
    else:
        yield Check("database", "ok", f"{name} at {without_password(url)}")
    if vector is None:
        yield Check("pgvector", "fail", "the database does not have it", "Install pgvector on the database's server.")
    else:
        yield Check("pgvector", "ok", str(vector[0] or vector[1]))
    head = migrations.head()
    if current == head:
        yield Check("schema", "ok", f"at {head}, the newest")
    else:
        yield Check("schema", "fail", f"at {current or 'nothing yet'}, the newest is {head}", "clara db upgrade")


def temporal(settings: Settings) -> Iterator[Check]:
    try:
        with reached():
            yield from asyncio.run(_temporal(settings))
    except (ClaraError, ValueError) as error:
        detail = f"{settings.runtime.temporal_address or 'the server of TEMPORAL_PROFILE'}: {error}"
        yield Check(
            "temporal", "fail", detail, _advice(settings.runtime.embedded_temporal, "TEMPORAL_ADDRESS", "temporal")
        )


async def _temporal(settings: Settings) -> list[Check]:
    client = await namespace.connected(settings)
    target = client.service_client.config.target_host
    kept = await namespace.retention(client)
    if kept is None:
        return [
            Check("temporal", "fail", f"{target} has no namespace {client.namespace}", "Create it, or: clara start")
        ]
    found = [Check("temporal", "ok", f"{target}, namespace {client.namespace}")]
    if kept < namespace.RETENTION:
        advice = f"Keep at least {namespace.RETENTION.days} days, or a message delivered again late is answered again."
        found.append(Check("retention", "warn", f"ended turns are kept for {kept.days} days", advice))
    else:
        found.append(Check("retention", "ok", f"ended turns are kept for {kept.days} days"))
    return [*found, await _attributes(client), await _worker(client)]


async def _attributes(client: Client) -> Check:
    try:
        missing = await namespace.missing_attributes(client)
    except RPCError as error:
        return Check("search attributes", "warn", f"cannot be listed: {error.message}", "See that they are registered.")
    if missing:
        return Check("search attributes", "fail", f"missing: {', '.join(missing)}", "clara start registers them")
    return Check("search attributes", "ok", "all registered")


async def _worker(client: Client) -> Check:
    count = await namespace.pollers(client, queues.TURNS)
    if not count:
        return Check("polling", "fail", "no worker asks Temporal for work", "See: clara logs worker")
    return Check("polling", "ok", f"{count} worker{'s' if count > 1 else ''} at work")


def _advice(embedded: bool, variable: str, process: str) -> str:
    return f"See: clara logs {process}" if embedded else f"Check {variable}, and that its server can be reached."
