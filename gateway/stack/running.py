"""Bringing this home's processes up. Callers hold ``locks.starting``."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from clara import diskspace
from clara.errors import ClaraError, Misconfigured
from clara.settings import Settings, environment, source
from clara.sources.keyfile import make_key
from gateway.console.progress import Progress
from gateway.errors import NotRunning, StartFailed
from gateway.home import Home
from gateway.home.record import Record, write_private
from gateway.stack.down import clear, take_down
from gateway.supervision.config import render
from gateway.supervision.logs import tail
from gateway.supervision.programs import POSTGRES, TEMPORAL, WORKER, programs
from gateway.supervision.supervisord import Process, Supervisor, answering, attach, inherited_environment, launch
from store import disk

EMBEDDED_S = 60
"""For servers that were just started: the first set-up on a slow disk takes a while."""

OUTSIDE_S = 15
"""For servers that ought to be there."""

_STARTED_S = 2
_RESTARTED_S = 30
"""What has died once may be about to die again, as on a full disk, and a busy machine takes its time for that."""

_TOO_OFTEN = 2
"""A process that was restarted so often while it was waited for will not come up."""


def bring_up(settings: Settings, home: Home, progress: Progress, restart_stopped: bool = False) -> bool:
    """Have everything running that these settings ask for. StartFailed and Misconfigured say what does not.

    Returns whether anything had to be started.

    What was running stays as it is; what an earlier run left behind is ended first.
    ``restart_stopped``: also start processes that somebody had stopped one by one.
    """
    supervisor = attach(home)
    spawned = supervisor is None
    if supervisor is None:
        supervisor = _spawn(settings, home, progress)
    started = False
    try:
        if spawned or not _is_up(home, supervisor):
            _check_disk(home)
            _await_servers(settings, supervisor, progress)
            restart_stopped = True
        if restart_stopped:
            for process in supervisor.processes():
                if process.state in ("stopped", "failed"):
                    supervisor.start(process)
                    started = True
        home.ready.write_text(str(supervisor.pid()))
    except BaseException:
        if spawned:
            take_down(home, lambda _: None)
        raise
    return started


def check(home: Home) -> None:
    """Whether a start can be tried at all; Misconfigured and StartFailed say why not.

    Asked before anything that runs is stopped.
    """
    home.check()
    Record.read(home)
    _check_disk(home)


def _check_disk(home: Home) -> None:
    first = not (home.postgres / "data").exists()
    reason = diskspace.too_little_to_start(disk.free(home.root), str(home.root), first)
    if reason:
        raise StartFailed(reason)


def check_schema(settings: Settings) -> None:
    """Misconfigured if the database answers and is of a newer Clara; one that is away is waited for later."""
    from gateway.stack import ready

    url = settings.runtime.database_url
    if url is not None:
        ready.known_schema(url)


def changes(settings: Settings) -> list[str]:
    """The names of settings that have changed since the running stack was started. A restart applies them."""
    home = Home(settings.runtime.home)
    return [] if attach(home) is None else Record.read(home).changed(environment())


def await_worker(settings: Settings, home: Home, progress: Progress) -> None:
    """Wait until the worker works; StartFailed says why it does not."""
    from gateway.stack import ready

    supervisor = attach(home)
    if supervisor is None:
        raise NotRunning("Clara is not running")
    progress("Waiting for the worker")
    ready.worker(settings, _patience(supervisor, WORKER.name, threading.Event()))


def _spawn(settings: Settings, home: Home, progress: Progress) -> Supervisor:
    progress("Starting")
    check(home)
    home.ready.unlink(missing_ok=True)
    clear(home)
    record = Record.read(home).for_start(home, source(), environment())
    record.write(home)
    make_key(home.root)
    write_private(home.supervisor_config, _config(settings, record))
    daemon = launch(home, inherited_environment(home, record.env_file))
    import gateway.stack.ready  # noqa: F401 - takes half a second, and supervisord as long to come up

    return answering(daemon, home, record)


def _config(settings: Settings, record: Record) -> str:
    return render(programs(settings, environment()), record.supervisor_port, record.supervisor_password)


def _is_up(home: Home, supervisor: Supervisor) -> bool:
    came_up = home.ready.exists() and home.ready.read_text() == str(supervisor.pid())
    servers = [p for p in supervisor.processes() if p.group in (POSTGRES.name, TEMPORAL.name)]
    return came_up and all(p.state == "running" and (p.uptime_s or 0) >= _settled_s(p) for p in servers)


def _settled_s(process: Process) -> float:
    """Uptime from which on a server is taken for up without being asked."""
    return _RESTARTED_S if process.restarts else _STARTED_S


def _await_servers(settings: Settings, supervisor: Supervisor, progress: Progress) -> None:
    from gateway.stack import ready

    runtime, cancelled = settings.runtime, threading.Event()
    progress("Waiting for the database and Temporal")
    waits: list[tuple[Callable[[Settings, ready.Patience], None], ready.Patience]] = [
        (
            ready.database,
            _patience(supervisor, POSTGRES.name, cancelled)
            if runtime.embedded_database
            else _patience_outside("DATABASE_URL", cancelled),
        ),
        (
            ready.temporal,
            _patience(supervisor, TEMPORAL.name, cancelled)
            if runtime.embedded_temporal
            else _patience_outside("TEMPORAL_ADDRESS", cancelled),
        ),
    ]
    with ThreadPoolExecutor(len(waits)) as pool:
        futures = [pool.submit(wait, settings, patience) for wait, patience in waits]
        try:
            _raise_all(futures)
        finally:
            cancelled.set()


def _raise_all(futures: list[Future[None]]) -> None:
    """Wait for all; raise what went wrong, in one error where several servers failed."""
    problems = [error for future in futures if (error := future.exception())]
    told = [error for error in problems if isinstance(error, ClaraError)]
    for error in problems:
        if not isinstance(error, ClaraError):
            raise error
    if told:
        kind = Misconfigured if all(isinstance(error, Misconfigured) for error in told) else StartFailed
        raise kind("\n".join(map(str, told)))


def _patience(supervisor: Supervisor, group: str, cancelled: threading.Event) -> Callable[[], None]:
    """Patience with processes that were started just now: it ends early when they keep ending."""
    begun = time.monotonic()
    before = _restarts(supervisor, group)
    next_look = begun + 1

    def patience() -> None:
        nonlocal next_look
        now = time.monotonic()
        if cancelled.is_set():
            raise StartFailed("The start was given up")
        if now < next_look:
            return
        next_look = now + 0.5
        if all(p.state == "failed" for p in supervisor.processes() if p.group == group):
            raise StartFailed(_end_of_log(supervisor.home, group, "does not start with these settings"))
        if _restarts(supervisor, group) - before >= _TOO_OFTEN:
            raise StartFailed(_end_of_log(supervisor.home, group, "keeps ending"))
        if now - begun > EMBEDDED_S:
            raise StartFailed(_end_of_log(supervisor.home, group, f"was not ready within {EMBEDDED_S} seconds"))

    return patience


def _patience_outside(variable: str, cancelled: threading.Event) -> Callable[[], None]:
    begun = time.monotonic()

    def patience() -> None:
        if cancelled.is_set():
            raise StartFailed("The start was given up")
        if time.monotonic() - begun > OUTSIDE_S:
            raise Misconfigured(f"{variable}: the server that it names does not answer")

    return patience


def _restarts(supervisor: Supervisor, group: str) -> int:
    return max((p.restarts for p in supervisor.processes() if p.group == group), default=0)


def _end_of_log(home: Home, group: str, what: str) -> str:
    path = next((path for path in (home.log(group), home.log(f"{group}_0")) if path.exists()), home.log(group))
    shortage = disk.shortage(home.root)
    if shortage:
        return f"{group} {what}. {shortage}"
    lines = "\n".join(f"  {line}" for line in tail(path, 8)) or "  (nothing)"
    return f"{group} {what}. The end of its log, {path}:\n{lines}"
