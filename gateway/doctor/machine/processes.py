"""Whether the supervised processes are up, stay up, and do anything."""

import re

import psutil

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.home import Home
from gateway.supervision import claim
from gateway.supervision.logs import tail
from gateway.supervision.supervisord import Process

NAME = "processes"
MANY = 5
"""Restarts from which on something is wrong that a restart does not cure."""

_FROZEN = {psutil.STATUS_STOPPED: "stopped (SIGSTOP)", psutil.STATUS_TRACING_STOP: "held by a debugger"}
_TIMED = re.compile(r"^\[?\d{4}-\d\d-\d\d\S* ?\S* *")


def check(facts: Facts) -> list[Finding]:
    supervision = facts.supervision
    if supervision.error:
        fix = (
            "clara doctor once more in a moment. If it stays so: clara stop, which ends what is left; then: clara start"
        )
        return [broken(NAME, supervision.error, fix)]
    if supervision.running:
        return [of(process, facts.home) for process in supervision.processes]
    if not facts.is_embedded or facts.record is None:
        return []  # with outside servers anybody may run the workers; without stack.json nobody can tell
    if _survivors(facts.home):
        names = ", ".join(_survivors(facts.home))
        words = f"the supervisor is gone, and {names} of an earlier run is still alive"
        return [broken(NAME, words, "clara start ends it and starts again; or, to end it only: clara stop")]
    return [broken(NAME, "Clara is not running", "clara start")]


def of(process: Process, home: Home) -> Finding:
    name, times = process.name, f"restarted {process.restarts} times"
    if process.state == "stopped":
        return warn(name, "was stopped by hand", "clara restart")
    if process.state != "running":
        words = last_words(home, name)
        return broken(
            name,
            f"{process.state}, {times}{f': {words}' if words else ''}",
            f"See: clara logs {name}. Then: clara restart {name}",
        )
    if process.restarts >= MANY:
        words = f"up for {process.uptime_s} s, {times}, so it crashes again and again"
        return warn(name, words, f"See what comes before each restart: clara logs {name}")
    return ok(name, f"up for {process.uptime_s} s, {times}")


def last_words(home: Home, name: str) -> str:
    """The end of a process's log, on one line, without its time."""
    lines = [line.strip() for line in tail(home.log(name), 5) if line.strip()]
    return _TIMED.sub("", lines[-1])[:200] if lines else ""


def frozen(facts: Facts) -> list[Finding]:
    """Processes that live and do nothing, because somebody stopped them with a signal."""
    found = []
    for path in sorted(facts.home.run.glob("*.pid")):
        pid = claim.holder(facts.home, path.stem)
        state = _FROZEN.get(_status(pid)) if pid else None
        if state:
            words = f"process {pid} is {state}, so it does nothing"
            again = "" if path.stem == "supervisor" else f", or: clara restart {path.stem}"
            found.append(broken(path.stem, words, f"kill -CONT {pid}{again}"))
    return found


def _status(pid: int) -> str:
    try:
        return str(psutil.Process(pid).status())
    except psutil.Error:
        return ""


def _survivors(home: Home) -> list[str]:
    names = (path.stem for path in sorted(home.run.glob("*.pid")) if path.stem != "supervisor")
    return [name for name in names if claim.holder(home, name) is not None]
