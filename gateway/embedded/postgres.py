"""Sets up this home's Postgres where need be, and becomes it. Run by the supervisor alone."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from clara.errors import ClaraError
from gateway.embedded.binaries import POSTGRES_MAJOR, postgres_package, postgres_programs
from gateway.embedded.unprivileged import Account, account, reachable
from gateway.errors import StartFailed
from gateway.home import Home
from gateway.home.record import DATABASE_USER, Record, database_password
from gateway.supervision.child import begin, bind_life

INITDB_S = 120

_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC"}
"""All that Postgres gets to see of anybody's."""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths are limited to some 100 characters, which homes are not
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


def main() -> None:
    child = begin("postgres")
    home = child.home
    data = home.postgres / "data"
    user = account(data)
    package = postgres_package()
    programs = postgres_programs(reachable(package, user) if user else package)
    if not data.exists():
        _set_up(home, programs, data, user)
    if (data / "PG_VERSION").read_text().strip() != POSTGRES_MAJOR:
        raise StartFailed(f"The data in {data} is not of Postgres {POSTGRES_MAJOR}; it has to be migrated first.")
    _forget_predecessor(data)
    argv = [str(programs / "postgres"), "-D", str(data), "-p", str(Record.read(home).postgres_port)]
    for name, value in _SETTINGS.items():
        argv += ["-c", f"{name}={value}"]
    if user:
        argv[2] = _by_descriptor(data)
        user.assume()
    child.become(argv, _ENVIRONMENT, signal.SIGINT)  # a "fast" shutdown, for Postgres


def _set_up(home: Home, programs: Path, data: Path, user: Account | None) -> None:
    """Make the cluster aside and move it into place when it is whole: a set-up cut short leaves nothing."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user:
        os.chown(draft, user.uid, user.gid)
    path = _by_descriptor(draft) if user else str(draft)
    password = database_password(home).encode()

    def prepare() -> None:
        if user:
            user.assume()
        bind_life(signal.SIGKILL)
        # A pipe of the account's own, because one of root's could not be opened by it.
        reader, writer = os.pipe()
        os.write(writer, password)
        os.dup2(reader, 0)

    argv = [
        *(str(programs / "initdb"), "-D", path, "-U", DATABASE_USER, "--pwfile=/dev/stdin"),
        *("--auth=scram-sha-256", "--encoding=UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),  # known on every system
    ]
    # Descriptors are inherited for the data folder's sake and for the claim's, which initdb keeps too.
    subprocess.run(argv, preexec_fn=prepare, close_fds=False, env=_ENVIRONMENT, cwd="/", timeout=INITDB_S, check=True)
    draft.rename(data)


def _forget_predecessor(data: Path) -> None:
    """Remove the pid file of a killed Postgres: its number may be anybody's by now, and would block the start.

    The claim says that no Postgres of this home lives; one that somebody started by hand still counts.
    """
    path = data / "postmaster.pid"
    if not path.exists():
        return
    import psutil

    lines = path.read_text().splitlines()
    try:
        predecessor = psutil.Process(int(lines[0]))
        alive = predecessor.name().startswith("postgres") and predecessor.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError, IndexError):
        alive = False
    if not alive:
        path.unlink()


def _by_descriptor(folder: Path) -> str:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(descriptor, True)
    return f"/proc/self/fd/{descriptor}"


if __name__ == "__main__":
    try:
        main()
    except (ClaraError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"Postgres cannot be started: {error}")
