"""A terminal with a program in it, read as a person reads it."""

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pexpect
import psutil
import pyte
from pexpect.fdpexpect import fdspawn

from tests import nursery
from tests.patience import PATIENCE_S


class _Screen(pyte.HistoryScreen):
    """Answers when the program asks where the cursor is, as terminals do."""

    def __init__(self, columns: int, rows: int, answer: Callable[[str], object]) -> None:
        super().__init__(columns, rows, history=5_000)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Spawned(fdspawn):  # type: ignore[misc] # it carries no types
    """A program as ``pexpect.spawn`` would start it, forked from a process that has imported everything."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: dict[str, str],
        size: tuple[int, int],
        folder: Path = nursery.ROOT,
        encoding: str | None = None,
    ) -> None:
        ours, its = os.openpty()
        termios.tcsetwinsize(its, size)
        with os.fdopen(its, "r+b", buffering=0) as end:
            streams = {"stdin": end, "stdout": end, "stderr": end}
            self._born = nursery.start(module, *arguments, env=environment, cwd=folder, in_terminal=True, **streams)
        super().__init__(ours, timeout=PATIENCE_S, encoding=encoding)
        self.pid = self._born.pid

    def sendintr(self) -> None:
        self.send("\x03")

    def waitnoecho(self) -> None:
        """Until what is typed is not shown."""
        deadline = time.monotonic() + PATIENCE_S
        while termios.tcgetattr(self.child_fd)[3] & termios.ECHO:
            assert time.monotonic() < deadline, "what is typed is shown"
            time.sleep(0.01)

    def isalive(self) -> bool:
        if (code := self._born.poll()) is not None:
            self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)
        return code is None

    def kill(self, number: int) -> None:
        self._born.send_signal(number)

    def wait(self) -> int:
        return self._born.ended(PATIENCE_S)


class Terminal:
    def __init__(self, command: list[str], environment: dict[str, str], folder: Path, columns: int, rows: int) -> None:
        environment, size = {**environment, "TERM": "xterm-256color"}, (rows, columns)
        if command[:3] == [sys.executable, "-m", "adapters.cli"]:
            self.process: Any = Spawned("adapters.cli", *command[3:], environment=environment, size=size)
        else:
            self.process = pexpect.spawn(
                command[0], command[1:], env=environment, cwd=str(folder), dimensions=size, timeout=PATIENCE_S
            )
        self._screen = _Screen(columns, rows, self.process.send)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def read(self, seconds: float = 0.1) -> None:
        """Take in what the program prints within ``seconds``."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                data = cast(bytes, self.process.read_nonblocking(65536, left))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                return
            self.raw += data
            self._stream.feed(data)

    @property
    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def everything(self) -> str:
        """What has scrolled off the top, and the screen."""
        above = ["".join(line[x].data for x in range(self._screen.columns)) for line in self._screen.history.top]
        return "\n".join(line.rstrip() for line in above) + "\n" + self.screen

    def wait_for(self, pattern: str, seconds: float = PATIENCE_S) -> None:
        """Until the pattern is found on the screen or above it."""
        self._wait(lambda: re.search(pattern, self.everything, re.MULTILINE) is not None, pattern, seconds)

    def _wait(self, met: Callable[[], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < deadline, f"waited for {what!r}, but there is:\n{self.everything}"
            self.read()

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def say(self, line: str) -> None:
        self.process.send(f"{line}\r")

    def exit_code(self, seconds: float = PATIENCE_S) -> int | None:
        """Wait for the program's end."""
        deadline = time.monotonic() + seconds
        while self.process.isalive():
            assert time.monotonic() < deadline, f"it goes on:\n{self.everything}"
            self.read()
        self.read()
        return self.process.exitstatus

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def chat(self) -> psutil.Process:
        """The process that chats, below the one that keeps the terminal."""
        return next(iter(psutil.Process(self.pid).children()))

    @property
    def modes(self) -> list[Any]:
        """How the terminal takes what is typed."""
        return termios.tcgetattr(self.process.child_fd)

    def kill(self) -> None:
        if self.process.isalive():
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
        self.process.close()
