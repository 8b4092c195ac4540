"""A home with faults in it, and doctor run on it within the test's own process."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from gateway.doctor.finding import Finding
from gateway.doctor.run import findings
from gateway.home import Home
from store import migrations
from tests.ports import free_port


@dataclass
class World:
    root: Path
    patch: pytest.MonkeyPatch
    stack: AsyncExitStack
    request: pytest.FixtureRequest
    secrets: list[str] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    def env(self, **variables: str) -> None:
        """Set variables of the environment."""
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def file(self, text: str | bytes) -> Path:
        """Write the file of settings."""
        path = self.root / "settings"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o600)
        self.env(CLARA_ENV_FILE=str(path))
        return path

    def used_home(self, **record: str) -> Home:
        """A home that was started once and is down."""
        self.home.create()
        told = {
            "database_url": f"postgresql://clara:the-database-secret@127.0.0.1:{free_port()}/postgres",
            "temporal_address": f"127.0.0.1:{free_port()}",
            "supervisor_port": str(free_port()),
            "supervisor_password": "the-supervisor-secret",
            **record,
        }
        self.secrets += ["the-database-secret", "the-supervisor-secret"]
        self.home.record.write_text(json.dumps(told))
        self.home.record.chmod(0o600)
        return self.home

    def postgres_data(self, version: str = "18") -> Path:
        data = self.home.postgres / "data"
        (data / "global").mkdir(parents=True)
        (data / "PG_VERSION").write_text(f"{version}\n")
        (data / "global" / "pg_control").write_bytes(b"\0")
        password = self.home.postgres / "password"
        password.write_text("the-database-secret")
        password.chmod(0o600)
        return data

    def sqlite(self) -> Path:
        """A temporal.db of some pages."""
        file = self.home.temporal / "temporal.db"
        with sqlite3.connect(file) as connection:
            connection.execute("create table executions (id integer primary key, state text)")
            connection.execute("create index by_state on executions (state)")
            connection.executemany("insert into executions (state) values (?)", [("x" * 200,)] * 500)
        connection.close()
        return file

    def process(self, name: str, stopped: bool = False) -> int:
        """A process of this home, holding its claim as Clara's own do; returns its pid."""
        self.home.create()
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; print(flush=True); time.sleep(100)"],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: self._claim(name),
            close_fds=False,
        )
        self.stack.callback(lambda: (child.kill(), child.wait(10), child.stdout and child.stdout.close()))
        assert child.stdout is not None
        child.stdout.readline()
        if stopped:
            os.kill(child.pid, signal.SIGSTOP)
        return child.pid

    def _claim(self, name: str) -> None:
        descriptor = os.open(self.home.claim(name), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        os.set_inheritable(descriptor, True)

    async def serve(self, answers: dict[str, tuple[int, Any]]) -> str:
        """A server on loopback that gives these answers by path; returns its address."""

        async def answer(request: web.Request) -> web.Response:
            status, body = answers.get(request.path, (404, {}))
            return web.json_response(body, status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def database(self, name: str, migrated: bool = True, options: str = "") -> str:
        """A fresh database on the tests' server; returns its address, which DATABASE_URL is set to."""
        server: str = self.request.getfixturevalue("database_url")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name}")
            connection.execute(f"create database {name} {options}")
        url = f"{server.rpartition('/')[0]}/{name}"
        if migrated:
            migrations.upgrade(url)
        self.env(DATABASE_URL=url)
        return url

    def temporal(self, namespace: str = "default") -> str:
        address: str = self.request.getfixturevalue("temporal_address")
        self.env(TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE=namespace)
        return address

    async def examine(self, live: bool = False, fix: bool = False) -> list[Finding]:
        """All that doctor finds. No check of it crashes, and no secret is told."""
        found = [finding async for finding in findings(live, fix)]
        assert not [f for f in found if "could not be checked" in f.what]
        told = json.dumps([finding.as_json() for finding in found], ensure_ascii=False)
        assert [secret for secret in self.secrets if secret in told] == []
        return found


Seed = Callable[[World], Awaitable[None] | None]


def closed() -> str:
    """An address of this machine where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def sql(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
