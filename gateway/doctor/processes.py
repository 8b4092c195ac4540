"""Whether the supervised processes are up and stay up."""

from collections.abc import Iterator

from clara.settings import Settings
from gateway.doctor.check import Check
from gateway.errors import NotRunning
from gateway.home import Home
from gateway.supervision.supervisord import Process, attach

MANY = 5
"""Restarts from which on something is wrong that a restart does not cure."""


def checks(settings: Settings) -> Iterator[Check]:
    try:
        supervisor = attach(Home(settings.runtime.home))
        processes = supervisor.processes() if supervisor else []
    except NotRunning as error:
        yield Check("processes", "fail", str(error), "clara stop, then clara start")
        return
    if supervisor is None:
        yield Check("processes", "warn", "Clara is not running, so her servers cannot be checked", "clara start")
    yield from map(_check, processes)


def _check(process: Process) -> Check:
    name, since = process.name, f"up for {process.uptime_s} s, restarted {process.restarts} times"
    if process.state != "running":
        detail = f"{process.state}, restarted {process.restarts} times"
        return Check(name, "fail", detail, f"See: clara logs {name}. Then: clara restart {name}")
    if process.restarts >= MANY:
        return Check(name, "warn", since, f"See: clara logs {name}")
    return Check(name, "ok", since)
