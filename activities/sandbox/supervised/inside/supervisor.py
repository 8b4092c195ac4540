"""Runs one command for the worker, and ends all that came of it.

One thread, no children but the command: it works where the command has taken every process and every byte that the
box may have.
"""

from __future__ import annotations

import os
import select
import sys
import time
from _signal import SIG_IGN, SIGTERM, signal

from . import command, disk, frames, memory, tree

CHUNK = 1 << 16
UNSENT = 1 << 18
"""Bytes for the worker beyond which the command's streams are not read."""
TICK_S = 0.25
START_S = 20.0
KILLED = 128 + 9
GUARDED = "guarded"


class Supervisor:
    """The worker is at descriptors 0 and 1."""

    def __init__(self, started: command.Started, watch: disk.Watch, parser: frames.Parser, guarded: bool) -> None:
        self._command = started
        self._guarded = guarded
        self._watch = watch
        self._killed_before = memory.killed()
        self._parser = parser
        self._unsent = bytearray()
        self._input = bytearray()
        self._input_ends = False
        self._exit: int | None = None
        self._heard = self._beaten = time.monotonic()
        self._over = False

    def serve(self) -> None:
        """Until nothing of the command runs any more, and the worker knows."""
        self._take(b"")  # what came with the order
        while not self._over:
            self._wait()
            self._reap(tree.reap())
            now = time.monotonic()
            if now - self._heard > frames.SILENCE_S:
                self._end()
            if now - self._beaten > frames.BEAT_S:
                self._beaten = now
                self._say(frames.ALIVE)
            if not self._over and self._watch.exceeded():
                self._say(frames.VERDICT, frames.DISK)
                self._end()
            if self._exit is not None and not self._command.streams and not tree.descendants():
                self._over = True
        if not self._guarded:
            self._say(frames.GONE)
        self._flush()

    def _wait(self) -> None:
        """For whatever comes next, and take it."""
        poll = select.poll()
        poll.register(0, select.POLLIN)
        if self._unsent:
            poll.register(1, select.POLLOUT)
        if len(self._unsent) < UNSENT:
            for descriptor in self._command.streams:
                poll.register(descriptor, select.POLLIN)
        if self._input and self._command.input is not None:
            poll.register(self._command.input, select.POLLOUT)
        for descriptor, _ in poll.poll(1 if self._watch.busy else TICK_S * 1000):
            if descriptor == 0:
                self._hear()
            elif descriptor == 1:
                self._send()
            elif descriptor == self._command.input:
                self._feed()
            elif descriptor in self._command.streams:
                self._read(descriptor)

    def _hear(self) -> None:
        try:
            data = os.read(0, CHUNK)
        except BlockingIOError:
            return
        self._heard = time.monotonic()
        if not data:  # the worker is gone
            self._end()
        self._take(data)

    def _take(self, data: bytes) -> None:
        for kind, content in self._parser.feed(data):
            if kind == frames.KILL:
                self._end()
            elif kind == frames.INPUT:
                self._input += content
            elif kind == frames.CLOSE:
                self._input_ends = True
        self._feed()

    def _feed(self) -> None:
        """Give the command of its input what it takes now."""
        if self._command.input is None:
            if self._input:
                self._input.clear()
                self._say(frames.DEAF)
            return
        try:
            while self._input:
                taken = os.write(self._command.input, self._input)
                del self._input[:taken]
                self._say(frames.TAKEN, b"%d" % taken)
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._input.clear()
            self._input_ends = True
            self._say(frames.DEAF)
        if self._input_ends:
            os.close(self._command.input)
            self._command.input = None

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        self._say(self._command.streams[descriptor], data)
        if not data:
            os.close(descriptor)
            del self._command.streams[descriptor]

    def _reap(self, ended: dict[int, int]) -> None:
        if self._command.pid in ended and self._exit is None:
            self._exit = ended[self._command.pid]
            if self._exit == KILLED and memory.killed() > self._killed_before:
                self._say(frames.VERDICT, frames.MEMORY)
            self._say(frames.EXIT, b"%d" % self._exit)

    def _end(self) -> None:
        self._reap(tree.end())
        self._over = True

    def _say(self, kind: bytes, data: bytes = b"") -> None:
        self._unsent += frames.pack(kind, data)
        self._send()

    def _send(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(1, self._unsent)]
        except BlockingIOError:
            return
        except OSError:  # nobody reads it any more
            self._unsent.clear()
            self._end()

    def _flush(self) -> None:
        """Bounded: who does not read now will not need it."""
        poll = select.poll()
        poll.register(1, select.POLLOUT)
        ends = time.monotonic() + frames.SILENCE_S
        while self._unsent and time.monotonic() < ends:
            poll.poll(1000)
            self._send()


def main() -> None:
    """With the argument ``guarded``, in a process that whoever started this one cannot end."""
    guarded = sys.argv[1:] == [GUARDED]
    if guarded:
        _stand_before()
    os.umask(0o077)
    signal(SIGTERM, SIG_IGN)  # its input ends as well
    tree.adopt()
    os.write(1, frames.pack(frames.HELLO))
    parser = frames.Parser()
    order = _order(parser)
    watch = disk.Watch(command.HOME, order.disk)
    started = command.start(order)
    os.set_blocking(0, False)
    os.set_blocking(1, False)
    Supervisor(started, watch, parser, guarded).serve()


def _stand_before() -> None:
    """Return in a child, and wait here for its end.

    LXD kills what it has started as soon as the connection of a worker breaks. The child reads the end of its input
    then, and ends the command with all that came of it. GONE is said here, when the child has been waited for: the
    worker closes the connection then, and what nobody waits for counts among the processes of the box.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        return
    os.close(0)
    _, status = os.waitpid(child, 0)
    if status == 0:
        os.set_blocking(1, True)
        os.write(1, frames.pack(frames.GONE))
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def _order(parser: frames.Parser) -> frames.Order:
    """The first frame, which the worker sends alone."""
    ends = time.monotonic() + START_S
    while select.select([0], [], [], max(0.0, ends - time.monotonic()))[0]:
        data = os.read(0, CHUNK)
        for kind, content in parser.feed(data):
            if kind == frames.START:
                return frames.Order.unpack(content)
        if not data:
            break
    sys.exit(1)
