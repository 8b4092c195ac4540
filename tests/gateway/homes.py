"""A home of its own for a test, and the command run against it as a person would."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from clara.errors import ClaraError
from gateway.home import Home
from gateway.supervision import claim
from gateway.supervision.supervisord import Process, attach
from tests import nursery
from tests.patience import PATIENCE_S

COMMAND_S = 150
COMMAND = [sys.executable, "-P", "-m", "gateway"]


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class TestHome:
    """CLARA_HOME at ``root``, with these additional variables."""

    __test__ = False

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CLARA_HOME": str(self.root), **self.variables}

    def piped(self, *arguments: str, module: str = "gateway") -> nursery.Piped:
        return nursery.Piped(module, *arguments, env=self.environment, hands_on=True)

    def clara(self, *arguments: str, hands_on: bool = True) -> Ran:
        ran = nursery.run("gateway", *arguments, env=self.environment, timeout=COMMAND_S, hands_on=hands_on)
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def start(self, hands_on: bool = True) -> None:
        ran = self.clara("start", hands_on=hands_on)
        assert ran.code == 0, ran.err

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.clara("status", "--json").out)
        return found

    def processes(self) -> dict[str, Process]:
        """As the supervisor sees them; none if there is no supervisor."""
        home = Home(self.root)
        supervisor = attach(home)
        return {process.name: process for process in supervisor.processes()} if supervisor else {}

    def pids(self) -> dict[str, int]:
        """Of the supervisor and of every process that lives."""
        boss = claim.holder(Home(self.root), "supervisor")
        living = {name: process.pid for name, process in self.processes().items() if process.pid}
        return {"supervisor": boss, **living} if boss else {}

    def record(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.root / "stack.json").read_text())
        return found

    def query(self, sql: str) -> Any:
        with psycopg.connect(self.record()["database_url"], connect_timeout=5) as connection:
            return (connection.execute(sql).fetchone() or [None])[0]

    def change(self, sql: str) -> None:
        with psycopg.connect(self.record()["database_url"], connect_timeout=5) as connection:
            connection.execute(sql)


def kill(pids: Iterable[int]) -> None:
    for pid in list(pids):
        os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Zombies are dead: whoever has to bury them may take its time."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def eventually(probe: Callable[[], Any], seconds: float = PATIENCE_S, pause_s: float = 0.05) -> Any:
    """The first true answer of ``probe``; errors count as no answer. One that runs a command wants a longer pause."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = probe()
        except (OSError, psycopg.Error, LookupError, ValueError, ClaraError) as error:
            found = None
            last: object = error
        else:
            last = found
        if found:
            return found
        assert time.monotonic() < deadline, f"did not come true in {seconds} s: {last!r}"
        time.sleep(pause_s)
