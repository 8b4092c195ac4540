"""The terminal after the end of a chat."""

import os
import shlex
import signal
from collections.abc import Callable

import psutil
import pytest

from tests.adapters.cli.conftest import ROOT, Stack
from tests.adapters.cli.terminal import Terminal

OpenChat = Callable[..., Terminal]
READY = r"^› *$"  # noqa: RUF001 -- the prompt is an arrow


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_chat_gives_the_terminal_back(conversation: str, open_chat: OpenChat, number: int) -> None:
    chat = open_chat("--conversation", conversation)
    before = chat.modes
    chat.wait_for(READY)
    assert chat.modes != before
    chat.type("half a line")
    chat.wait_for("half a line")
    chat.chat.send_signal(number)
    chat.exit_code()
    assert chat.process.signalstatus == number, "the shell hears what happened"
    assert chat.modes == before
    assert chat.raw.rfind(b"\x1b[?2004l") > chat.raw.rfind(b"\x1b[?2004h")
    assert chat.raw.rfind(b"\x1b[?25h") > chat.raw.rfind(b"\x1b[?25l")


def test_a_killed_question_gives_the_cursor_back(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation, "--message", "slow")
    chat.wait_for("word5")
    chat.chat.kill()
    chat.exit_code()
    chat.read()
    assert chat.raw.rfind(b"\x1b[?25h") > chat.raw.rfind(b"\x1b[?25l") >= 0


def test_a_chat_whose_guard_is_killed_leaves(stack: Stack, conversation: str) -> None:
    command = shlex.join(stack.command("--conversation", conversation))
    shell = Terminal(["sh", "-c", f"{command}; echo ended; read answer"], stack.environment, ROOT, 80, 24)
    before = shell.modes
    shell.wait_for(READY)
    guard = shell.chat
    child = guard.children()[0]
    guard.kill()
    psutil.wait_procs([child], 30)
    shell.read()
    assert not child.is_running()
    assert shell.modes == before
    shell.kill()


def test_a_hangup_is_passed_on(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation, "--message", "slow")
    chat.wait_for("word5")
    child = chat.chat
    os.kill(chat.pid, signal.SIGHUP)
    chat.exit_code()
    assert not child.is_running()
