"""Starting supervisord, and asking it things."""

import base64
import http.client
import os
import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clara.invocation import call
from gateway.errors import NotRunning, StartFailed
from gateway.home import Home
from gateway.home.record import Record
from gateway.supervision import claim
from temporal.processes.supervised import MISCONFIGURED

ANSWER_S = 10
"""Longest wait for one answer. supervisord never blocks, so one that takes longer is no answer at all."""

_STATES = {
    "STARTING": "running",  # supervisord's word for "not yet five seconds old"
    "BACKOFF": "restarting",
    "EXITED": "restarting",
    "FATAL": "failed",
}
_ALREADY = (60, 70)
"""Faults that say that a process has been started, or stopped, already."""


@dataclass(frozen=True)
class Process:
    """One supervised process, as it is now."""

    name: str
    group: str
    pid: int | None
    state: str
    """running, restarting, stopping, stopped or failed."""
    restarts: int
    """How often it was started again without having been asked to stop, since the stack was started."""
    uptime_s: int | None

    @property
    def path(self) -> str:
        return f"{self.group}:{self.name}"


class Supervisor:
    """The running supervisord of a home."""

    def __init__(self, home: Home, record: Record) -> None:
        self.home = home
        self._url = f"http://127.0.0.1:{record.supervisor_port}/RPC2"
        token = base64.b64encode(f"clara:{record.supervisor_password}".encode()).decode()
        self._headers = [("Authorization", f"Basic {token}")]

    def processes(self) -> list[Process]:
        """All processes. NotRunning, as from every question, if there is no answer."""
        found: list[dict[str, Any]] = self._call("supervisor.getAllProcessInfo")
        counts: dict[str, int] = self._call("clara.counts")
        return [_process(info, counts) for info in found]

    def pid(self) -> int:
        return int(self._call("supervisor.getPID"))

    def uptime(self) -> int:
        """Seconds since it was started itself."""
        return int(time.time() - self.home.claim("supervisor").stat().st_mtime)

    def start(self, process: Process) -> None:
        """Have it started; does not wait for anything."""
        self._change("supervisor.startProcess", process)

    def stop(self, process: Process, timeout_s: float = 30) -> None:
        """Have it stopped and wait until it has ended."""
        self._change("supervisor.stopProcess", process)
        deadline = time.monotonic() + timeout_s
        while self._call("supervisor.getProcessInfo", process.path)["pid"]:
            if time.monotonic() > deadline:
                raise StartFailed(f"{process.name} does not end; see {self.home.log(process.name)}")
            time.sleep(0.1)

    def shutdown(self) -> None:
        """Have everything stopped, in order; does not wait for it."""
        self._call("supervisor.shutdown")

    def _change(self, method: str, process: Process) -> None:
        try:
            self._call(method, process.path, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in _ALREADY:
                raise StartFailed(f"{process.name}: {fault.faultString}") from fault

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            # A connection per question: one that is kept cannot be shared by threads.
            with xmlrpc.client.ServerProxy(self._url, transport=_Bounded(headers=self._headers)) as rpc:
                return getattr(rpc, method)(*arguments)
        except xmlrpc.client.Fault:
            raise
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise NotRunning(
                f"The supervisor does not answer. To end everything that is left: {call('stop')}"
            ) from error


def attach(home: Home) -> Supervisor | None:
    """The supervisor that runs this home; None if there is none."""
    if not claim.holder(home, "supervisor"):
        return None
    return Supervisor(home, Record.read(home))


def launch(home: Home, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start supervisord, detached from this terminal. Call ``answering`` next."""
    with _output(home).open("w") as sink:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "gateway.supervision.enduring", "-c", str(home.supervisor_config)],
            cwd=home.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def answering(daemon: "subprocess.Popen[bytes]", home: Home, record: Record) -> Supervisor:
    """Wait until a supervisord that was launched answers; StartFailed if it does not."""
    supervisor = Supervisor(home, record)
    deadline = time.monotonic() + ANSWER_S * 2
    while time.monotonic() < deadline and daemon.poll() is None:
        try:
            supervisor.processes()
        except NotRunning:
            time.sleep(0.05)
        else:
            daemon.returncode = 0  # it is meant to outlive this process: no warning about that
            return supervisor
    daemon.kill()
    daemon.wait(5)
    said = _output(home).read_text(errors="replace")[-1000:].strip()
    raise StartFailed(f"The supervisor did not come up: {said or 'it says nothing'}")


def _output(home: Home) -> Path:
    return home.supervisor / "output"


def inherited_environment(home: Home, env_file: str) -> dict[str, str]:
    """What the worker and the adapters find: this terminal's variables, and where Clara's files are.

    The file of settings, if there is one, is named and not copied, so that ``clara restart worker`` reads it anew. The
    servers get nothing of this: they are started with environments of their own.
    """
    mine = dict(os.environ)  # noqa: TID251 - handed on, not acted upon
    named = {"CLARA_ENV_FILE": env_file} if env_file else {}
    return {
        **mine,
        **named,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{mine.get('PATH', os.defpath)}",
        "CLARA_HOME": str(home.root),
        "PYTHONUNBUFFERED": "1",
    }


def _process(info: dict[str, Any], counts: dict[str, int]) -> Process:
    name = str(info["name"])
    pid = int(info["pid"]) or None
    return Process(
        name=name,
        group=str(info["group"]),
        pid=pid,
        state=_state(str(info["statename"]), int(info["exitstatus"])),
        restarts=counts.get(name, 0),
        uptime_s=max(0, int(info["now"]) - int(info["start"])) if pid else None,
    )


def _state(word: str, exit_code: int) -> str:
    if word == "EXITED" and exit_code == MISCONFIGURED:
        return "failed"  # it is not started again before its settings are changed
    return _STATES.get(word, word.lower())


class _Bounded(xmlrpc.client.Transport):
    """Connections that give up."""

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = super().make_connection(host)
        connection.timeout = ANSWER_S
        return connection
