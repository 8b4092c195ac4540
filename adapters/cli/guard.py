"""The terminal is given back as it was found, whatever becomes of the chat.

A chat that is killed leaves the terminal as a prompt needs it: without echo, keys handed over one by
one, perhaps without a cursor. So the chat goes on in a child, made before anything heavy is imported,
and this process waits for its end. Both are one job of the shell: Ctrl-C and Ctrl-Z reach the chat as
before. Where this process is killed and not the chat, the chat leaves and tidies up by itself; where
both are, nobody is left who could: ``stty sane`` helps then.
"""

import os
import resource
import signal
import sys
import termios
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
_HELD = {signal.SIGINT, signal.SIGQUIT, *_PASSED_ON}

_AS_USUAL = b"\x1b[0m\x1b[?7h\x1b[?25h\x1b[?2004l\x1b[?1l\x1b[J\r\n"
"""Colours, wrapping, the cursor, pasting and arrow keys as in a fresh terminal; below the cursor nothing."""


def go_on_in_a_child() -> None:
    """Return in a child of this process; the process itself ends here, as the child ends. Without a terminal, neither.

    To be called while there is only one thread.
    """
    terminal = next((number for number in (0, 1, 2) if os.isatty(number)), None)
    if terminal is None:
        return
    found = termios.tcgetattr(terminal)
    alive, kept_open = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as it is where it was closed
            stream.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    child = os.fork()
    if child:
        os.close(alive)
        _wait(child, terminal, found)
    os.close(kept_open)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    threading.Thread(target=_leave_without_parent, args=(alive,), name="guard", daemon=True).start()


def _leave_without_parent(alive: int) -> None:
    os.read(alive, 1)  # nobody writes: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)


def _wait(child: int, terminal: int, found: list[Any]) -> NoReturn:
    def pass_on(number: int, _: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, number)

    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    for number in _PASSED_ON:
        signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    with suppress(OSError, termios.error):  # the terminal is gone, and with it the task
        _give_back(terminal, found, killed)
    if killed:
        # As if there had been one process: the shell says what it says of a killed one.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
        os._exit(128 + os.WTERMSIG(status))  # the first process of a container cannot kill itself
    os._exit(os.WEXITSTATUS(status))


def _give_back(terminal: int, found: list[Any], killed: bool) -> None:
    if os.tcgetpgrp(terminal) != os.getpgrp():
        return  # it is somebody else's now
    if termios.tcgetattr(terminal) != found:
        # What was typed at a chat that is dead, and the terminal's own answers to it, go with it.
        termios.tcsetattr(terminal, termios.TCSAFLUSH if killed else termios.TCSADRAIN, found)
    if killed:
        from adapters.cli.tty import draws  # now rather than at the start, which waits for no import

        if draws():
            os.write(terminal, _AS_USUAL)
