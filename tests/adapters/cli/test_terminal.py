# ruff: noqa: RUF001 -- the prompt is an arrow
"""The chat as people use it: keys go in, and the screen is read."""

import os
import re
import signal
import stat
from collections.abc import Callable

from clara.memory.kinds import scope
from store import typed
from tests.adapters.cli.conftest import LINES, Link, Stack
from tests.adapters.cli.terminal import Terminal

OpenChat = Callable[..., Terminal]
READY = r"^› *$"


def test_asking_and_leaving(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    assert f"anthropic: claude-mid · cli/me/{conversation}" in chat.screen
    chat.say("look at the clock")
    chat.wait_for(r"I have looked at the clock\.\n\n› *$")
    told = [line for line in chat.screen.split("\n") if line][-5:]
    assert told == ["› look at the clock", "Let me look.", "✓ current_time", "I have looked at the clock.", "›"]
    chat.type("\x04")
    assert chat.exit_code() == 0
    history = typed.path(stack.folder, scope("cli:me"))
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "look at the clock" in history.read_text()


def test_a_failed_tool_does_not_look_like_a_success(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("the missing note")
    chat.wait_for(r"An answer[^§]*› *$")
    assert "✗ read_note: milk (There is no note called 'milk'." in chat.screen
    assert "✓ current_time\n" in chat.screen
    chat.say("the missing note")
    chat.wait_for("read_note")
    chat.type("\x04")
    stack.wait_until_answered(conversation)
    once = open_chat("--conversation", conversation, "--message", "the missing note")
    once.exit_code()
    assert "✗ read_note: milk" in once.everything


def test_a_stand_in_says_what_it_is(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation, ANTHROPIC_API_KEY="")
    chat.wait_for(r"a stand-in answers\. For a real one: \S*clara setup$")


def test_an_answer_longer_than_the_screen_is_there_once(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("long")
    chat.wait_for(r"code \d[^§]{0,20} writing")
    chat.wait_for(f"Paragraph {LINES - 1} of many\\.\n\n›")
    everything = chat.everything
    assert re.findall(r"code (\d\d)", everything) == [f"{n:02}" for n in range(LINES)]
    assert re.findall(r"Paragraph (\d\d) of many\.", everything) == [f"{n:02}" for n in range(LINES)]
    assert "writing" not in everything


def test_typing_ahead(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation, rows=40)
    chat.wait_for(READY)
    chat.say("steady")
    chat.wait_for("word3")
    chat.say("hello")
    chat.say("/usage")
    chat.wait_for("30 days")
    chat.type("half a li")
    chat.wait_for(r"word59[^§]*› hello\n\nAn answer, 3 messages\.\n\n› half a li\s*\Z")


def test_ctrl_c_stops_and_a_second_leaves(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("slow")
    chat.wait_for("word5")
    chat.type("\x03")
    chat.wait_for(r"^Stopped\.$")
    assert "word5" in chat.screen
    chat.read(2.1)
    chat.type("\x03")
    chat.wait_for("Ctrl-C again leaves")
    chat.type("\x03")
    assert chat.exit_code() == 0


def test_a_stop_phrase_stops(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("slow")
    chat.wait_for("word5")
    chat.say("never mind!")
    chat.wait_for(r"^Stopped\.\n\n›")


def test_killed_in_the_middle_of_an_answer_and_followed_further(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("steady")
    chat.wait_for("word2")
    os.kill(chat.pid, signal.SIGKILL)
    again = open_chat("--conversation", conversation)
    again.wait_for(r"word59\n\n›")
    assert again.everything.count("word59") == 1
    assert "word0 word1" in again.everything.replace("\n", " ")
    assert "› steady" in again.everything


def test_an_answer_that_nobody_saw_is_shown_when_the_chat_is_opened(
    stack: Stack, conversation: str, open_chat: OpenChat
) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("hello")
    chat.wait_for("An answer, 1 messages")
    chat.say("steady")
    chat.wait_for("word2")
    chat.type("\x04")
    assert chat.exit_code() == 0
    assert "the answer is here when you come back" in chat.everything
    stack.wait_until_answered(conversation)
    again = open_chat("--conversation", conversation)
    again.wait_for("word59")
    again.wait_for(READY)
    shown = again.everything
    assert "Finished meanwhile" in shown
    assert shown.index("An answer, **1** messages") < shown.index("› steady") < shown.index("word0 word1")
    once_more = open_chat("--conversation", conversation)
    once_more.wait_for(READY)
    assert "Finished meanwhile" not in once_more.everything


def test_what_is_no_command_is_not_sent(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("/stpo")
    chat.wait_for("There is no command /stpo")
    chat.type("/mod")
    chat.wait_for("Show or choose how capable")
    chat.type("\t high\r")
    chat.wait_for(r"claude-high \(anthropic\), tier high\.")
    assert not any("/stpo" in str(exchange.body) for exchange in stack.models.log)


def test_a_connection_that_breaks(conversation: str, open_chat: OpenChat, temporal_link: Link) -> None:
    chat = open_chat("--conversation", conversation, TEMPORAL_ADDRESS=temporal_link.address)
    chat.wait_for(READY)
    temporal_link.cut()
    chat.say("hello")
    chat.wait_for("not accepted yet")
    temporal_link.mend()
    chat.wait_for("Your message is accepted now")
    chat.wait_for("An answer, 1 messages")


def test_sigterm_leaves_at_once(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.process.kill(signal.SIGTERM)
    assert chat.exit_code() == 143


def test_what_is_pasted_holds_nothing_that_a_terminal_obeys(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    begun = len(chat.raw)
    chat.type("\x1b[200~one \u202etwo\x9b31m\r\nthree\x1b[201~")
    chat.wait_for("three")
    assert not {"\u202e", "\x9b"} & set(chat.raw[begun:].decode())
    chat.type("\r")
    chat.wait_for(r"› one two31m\n {2}three\n\nAn answer, 1 messages")
