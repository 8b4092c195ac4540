"""deploy/migrate.py, which the compose file runs before everything else, on real servers."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from gateway.servers import namespace
from store import migrations
from temporal.client import connect

ROOT = Path(__file__).parents[2]


def migrate(**variables: str) -> "subprocess.CompletedProcess[str]":
    inherited = {n: v for n, v in os.environ.items() if n != "DATABASE_URL" and not n.startswith("TEMPORAL_")}
    return subprocess.run(
        [sys.executable, "deploy/migrate.py"],
        cwd=ROOT,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        timeout=90,
    )


async def test_migrate_prepares_both_servers_and_may_run_again(database_url: str, temporal_address: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create database deployed")
    url = f"{database_url.rpartition('/')[0]}/deployed"
    variables = {"DATABASE_URL": url, "TEMPORAL_ADDRESS": temporal_address, "TEMPORAL_NAMESPACE": "deployed"}
    for outcome in (f"at {migrations.head()};", "as before;"):
        done = await asyncio.to_thread(migrate, **variables)
        assert outcome in done.stdout, done.stderr
        assert done.returncode == 0
    assert migrations.current(url) == migrations.head()
    client = await connect({"TEMPORAL_NAMESPACE": "deployed"}, temporal_address)
    assert await namespace.retention(client) == namespace.RETENTION
    assert await namespace.missing_attributes(client) == {}


def test_migrate_says_what_is_missing() -> None:
    done = migrate()
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
