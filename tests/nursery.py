"""Processes of Clara's that begin with everything imported: forked from one that has done that once.

Importing is most of what a short command costs, and a worker's start. Here ``python -m MODULE`` costs a tenth of it,
and is a process like any other: with an environment, a folder and descriptors of its own, and it can be killed.
What is about the start of a process itself, or about its parents, is started as people start it.
"""

import asyncio
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn

from gateway.supervision.child import bind_life
from tests.becoming import become, hand_on

ROOT = Path(__file__).parents[1]
_DATABASE = ("store.migrations", "alembic.command", "sqlalchemy.dialects.postgresql.psycopg")
_SANDBOXES = ("docker", "pylxd")  # which are looked for
IMPORTED: Mapping[str, Sequence[str]] = {
    "gateway": (
        "gateway.commands", "gateway.commands.adapter", "gateway.commands.chat", "gateway.commands.db",
        "gateway.commands.doctor", "gateway.commands.logs", "gateway.commands.memory", "gateway.commands.person",
        "gateway.commands.setup", "gateway.commands.stack", "gateway.commands.status", "gateway.commands.tools",
        "gateway.commands.turn", "gateway.console.crash", "gateway.doctor.run", "gateway.inspection.turn_report",
        "gateway.setup.run", "gateway.stack.lifetime", "gateway.stack.ready", "adapters.cli.app", *_DATABASE,
        *_SANDBOXES,
    ),
    "adapters.cli": ("adapters.cli.app", "adapters.cli.chat.interactive"),
    "adapters.discord": ("adapters.discord.process",),
    "workers": ("workers.serving", "activities.llm.scripted.provider", *_SANDBOXES),
}  # fmt: skip
"""What a module will need, imported once it is asked for."""

_STACK = (
    "adapters.web.process", "gateway.embedded.postgres", "gateway.embedded.temporal_pages",
    "gateway.embedded.temporal_server", "gateway.supervision.child", "gateway.supervision.enduring",
    *IMPORTED["workers"],
)  # fmt: skip
"""What the processes of a stack need, where they go on from the command that starts them: ``tests.becoming``."""

_COMMANDS: Mapping[str, Sequence[str]] = {
    "setup": ("activities.llm.anthropic.provider", "activities.llm.openai_compatible.provider"),
}
"""What some commands need beside it."""

_LARGEST = 2**18
"""Bytes of a request: its words and its environment."""


class Born:
    """A process that was forked; what one asks of ``subprocess.Popen`` and of asyncio's, as far as tests do."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told.makefile("rb")
        told.close()
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def ended(self, seconds: float) -> int:
        """Its exit code, minus the number of the signal that ended it; TimeoutError if it goes on."""
        if self.returncode is None and not select.select([self._told], [], [], seconds)[0]:
            raise TimeoutError(f"process {self.pid} goes on")
        code = self.poll()
        assert code is not None
        return code

    async def wait(self) -> int:
        while self.poll() is None:
            await asyncio.sleep(0.01)
        return self.ended(0)


def start(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    stdout: IO[bytes],
    stderr: IO[bytes],
    stdin: IO[bytes] | None = None,
    cwd: Path | str = ROOT,
    imported: Sequence[str] = (),
    in_terminal: bool = False,
    hands_on: bool = False,
) -> Born:
    """``python -m MODULE ARGUMENTS``, with these files as its descriptors, and more modules ``imported`` before.

    ``in_terminal``: of a session of its own, whose terminal the first file is. ``hands_on``: what it starts of Clara's
    is forked as well. Else that is executed, as people's is, and /proc shows its words and environment.
    """
    wanted = [*IMPORTED.get(module, ()), *imported]
    if module == "gateway" and arguments:
        wanted += _COMMANDS.get(arguments[0], ())
    if hands_on:
        wanted += _STACK
    asking: dict[str, object] = {"module": module, "arguments": arguments, "env": dict(env), "cwd": str(cwd)}
    asking.update(imported=wanted, in_terminal=in_terminal, hands_on=hands_on)
    asked = json.dumps(asking).encode()
    assert len(asked) < _LARGEST
    told, tells = socket.socketpair()
    with tells, Path(os.devnull).open("rb") as nothing:
        files = [stdin or nothing, stdout, stderr]
        socket.send_fds(_nursery(), [asked], [*(each.fileno() for each in files), tells.fileno()])
    return Born(told)


class Piped(Born):
    """One whose standard streams are pipes, with text in them."""

    def __init__(self, module: str, *arguments: str, env: Mapping[str, str], hands_on: bool = False) -> None:
        (its_in, our_in), (our_out, its_out), (our_err, its_err) = os.pipe(), os.pipe(), os.pipe()
        self.stdin, self.stdout, self.stderr = os.fdopen(our_in, "w"), os.fdopen(our_out), os.fdopen(our_err)
        with os.fdopen(its_in, "rb") as stdin, os.fdopen(its_out, "wb") as stdout, os.fdopen(its_err, "wb") as stderr:
            born = start(module, *arguments, env=env, stdin=stdin, stdout=stdout, stderr=stderr, hands_on=hands_on)
        self.__dict__.update(born.__dict__)

    def communicate(self, given: str = "", timeout: float = 150) -> tuple[str, str]:
        """Say this and no more; what it still prints until it ends."""
        with suppress(BrokenPipeError):
            self.stdin.write(given)
            self.stdin.close()
        with ThreadPoolExecutor(2) as threads:
            said = [threads.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.ended(timeout)
            except TimeoutError:
                self.kill()
                raise
        self.stdout.close()
        self.stderr.close()
        return said[0].result(), said[1].result()


async def telling(
    module: str, *arguments: str, env: Mapping[str, str], imported: Sequence[str] = ()
) -> tuple[Born, asyncio.StreamReader]:
    """The same, and what it says."""
    reads, writes = os.pipe()
    said = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(said)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(reads, "rb"))
    with os.fdopen(writes, "wb") as out:
        return start(module, *arguments, env=env, stdout=out, stderr=out, imported=imported), said


def run(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    given: str = "",
    timeout: float = 150,
    cwd: Path | str = ROOT,
    hands_on: bool = False,
) -> "subprocess.CompletedProcess[str]":
    """The same as ``subprocess.run`` would: returns when it has ended, with what it printed."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(given.encode())
        stdin.seek(0)
        born = start(module, *arguments, env=env, stdin=stdin, stdout=out, stderr=err, cwd=cwd, hands_on=hands_on)
        try:
            code = born.ended(timeout)
        except TimeoutError:
            born.kill()
            raise subprocess.TimeoutExpired([module, *arguments], timeout) from None
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, out.read().decode(), err.read().decode())


@cache
def _nursery() -> socket.socket:
    return _started()[0]


@cache
def _started() -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """By whoever asks first; it ends with this process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from tests.nursery import serve; serve({its.fileno()})"],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "CLARA_ENV_FILE": os.devnull},
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            preexec_fn=partial(bind_life, signal.SIGKILL),
        )
    return ours, process  # kept, because it runs on


def serve(descriptor: int) -> None:
    """Fork what is asked for, and tell those who asked of its beginning and of its end."""
    from temporal.processes import collecting

    collecting.seldom()
    asks = socket.socket(fileno=descriptor)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    tells: dict[int, socket.socket] = {}
    while True:
        if asks in select.select([asks, woken], [], [])[0]:
            asked, descriptors, _, _ = socket.recv_fds(asks, _LARGEST, 4)
            if not asked:
                return
            wanted = json.loads(asked)
            if not sys.modules.keys() >= set(wanted["imported"]):
                for module in wanted["imported"]:
                    import_module(module)
                collecting.keep()
                collecting.seldom()
            if not (pid := os.fork()):
                _become(wanted, descriptors)
            *files, told = descriptors
            for each in files:
                os.close(each)
            tells[pid] = socket.socket(fileno=told)
            tells[pid].sendall(b"%d\n" % pid)
        else:
            os.read(woken, 1000)
        _tell_of_the_dead(tells)


def _tell_of_the_dead(tells: dict[int, socket.socket]) -> None:
    while tells:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        if told := tells.pop(pid, None):
            with told, suppress(OSError):  # where nobody wants to know any more
                told.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(asked: dict[str, object], descriptors: Sequence[int]) -> NoReturn:
    """What ``python -m`` is once its modules are imported."""
    try:
        bind_life(signal.SIGKILL)
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
        os.closerange(3, max(descriptors) + 1)
        if asked["in_terminal"]:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.chdir(str(asked["cwd"]))
        if asked["hands_on"]:
            hand_on()
        become(str(asked["module"]), asked["arguments"], asked["env"])  # type: ignore[arg-type]
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
