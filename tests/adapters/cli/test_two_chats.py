# ruff: noqa: RUF001 -- the prompt is an arrow
"""Two windows with one conversation, and what becomes known after an answer."""

import re
import subprocess
import sys
from collections.abc import Callable

import psycopg
import pytest

from clara.stream import Frame
from store import stream
from tests.adapters.cli.conftest import ROOT, Stack
from tests.adapters.cli.terminal import Terminal
from tests.patience import PATIENCE_S

OpenChat = Callable[..., Terminal]
READY = r"^› *$"

SENTENCE = "save_note took effect after all."


def test_each_sees_what_is_said_in_the_other(conversation: str, open_chat: OpenChat) -> None:
    one, other = open_chat("--conversation", conversation), open_chat("--conversation", conversation)
    for chat in (one, other):
        chat.wait_for(READY)
    one.say("steady")
    other.wait_for("› steady")
    other.wait_for("word3")
    other.say("hello")
    for chat in (one, other):
        chat.wait_for(r"word59[^§]*› hello\n\nAn answer, 3 messages\.\n\n›")
        assert chat.everything.count("word59") == 1
        assert len(re.findall("^› hello", chat.everything, re.MULTILINE)) == 1


def test_the_order_is_that_of_the_answers(conversation: str, open_chat: OpenChat) -> None:
    """The other window's turn is at work, though its model has said nothing yet."""
    one, other = open_chat("--conversation", conversation), open_chat("--conversation", conversation)
    for chat in (one, other):
        chat.wait_for(READY)
    one.say("think about it")
    one.wait_for("thinking")
    other.say("hello")
    other.wait_for(r"› think about it\n\nI have thought\.\n\n› hello\n\nAn answer, 3 messages\.\n\n› *$")


def test_both_talk_at_once(conversation: str, open_chat: OpenChat) -> None:
    one, other = open_chat("--conversation", conversation), open_chat("--conversation", conversation)
    for chat in (one, other):
        chat.wait_for(READY)
    said = {f"{who}{n}" for n in range(8) for who in ("alpha", "beta")}
    for n in range(8):
        one.say(f"alpha{n}")
        other.say(f"beta{n}")
    for chat in (one, other):
        # No part may reach over the next answer, or the search takes longer than the answers.
        chat.wait_for(r"(An answer, \d+ messages((?!An answer)[^§])*){16}› *$", seconds=90)
    asked = [re.findall(r"^› (\w+\d)$", chat.everything, re.MULTILINE) for chat in (one, other)]
    assert asked[0] == asked[1]
    assert sorted(asked[0]) == sorted(said), "each once"


def test_what_was_said_in_the_other_window_is_there_afterwards(conversation: str, open_chat: OpenChat) -> None:
    one = open_chat("--conversation", conversation)
    one.wait_for(READY)
    one.say("hello")
    one.wait_for("An answer, 1 messages")
    later = open_chat("--conversation", conversation)
    later.wait_for(READY)
    assert "› hello" in later.everything
    assert "An answer, **1** messages." in later.everything


def correct(stack: Stack, conversation: str) -> None:
    """As the worker does when the outcome of a stopped write is known."""
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(
            "update turns set reply = reply || E'\\n\\n' || %(sentence)s, correction = %(sentence)s, shown_at = null"
            " where conversation_id = %(conversation)s returning id, conversation_id",
            {"sentence": SENTENCE, "conversation": f"cli/me/{conversation}"},
        ).fetchone()
        assert row is not None
        frame = Frame(conversation=row[1], turn=row[0], step=0, attempt=0, seq=0, kind="correction", text=SENTENCE)
        connection.execute("select pg_notify(%s, %s)", stream.notification(frame))


def test_a_correction_is_shown_when_it_comes(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("hello")
    chat.wait_for(r"An answer, 1 messages\.\n\n› *$")
    correct(stack, conversation)
    chat.wait_for(rf"About “hello”, more is known now:\n\n{SENTENCE}\n\n› *$")
    again = open_chat("--conversation", conversation)
    again.wait_for(READY)
    assert "more is known now" not in again.everything


def test_a_correction_that_nobody_saw_is_shown_at_the_next_start(
    stack: Stack, conversation: str, open_chat: OpenChat
) -> None:
    stack.run("--conversation", conversation, "--message", "hello")
    correct(stack, conversation)
    done = stack.run("--conversation", conversation)
    assert (done.stdout, done.stderr) == (f"{SENTENCE}\n", "(About “hello”, more is known now)\n")
    correct(stack, conversation)
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    assert f"About “hello”, more is known now:\n\n{SENTENCE}" in chat.everything
    assert "Finished meanwhile" not in chat.everything


def test_a_correction_through_a_pipe(stack: Stack, conversation: str) -> None:
    chat = stack.start("--conversation", conversation)
    assert chat.stdin is not None
    assert chat.stdout is not None
    chat.stdin.write("hello\n")
    chat.stdin.flush()
    assert chat.stdout.readline() == "An answer, **1** messages.\n"
    correct(stack, conversation)
    assert chat.stdout.readline() == "\n"
    assert chat.stdout.readline() == f"{SENTENCE}\n"
    _, told = chat.communicate(timeout=PATIENCE_S)
    assert "About “hello”, more is known now" in told


FULL = """
from adapters.door import Door
from clara.errors import InboxFull
say = Door.say
async def full(self, message):
    if "refuse" in message.text:
        raise InboxFull("So much waits that I take no more.")
    return await say(self, message)
Door.say = full
from adapters.cli.__main__ import main
main()
"""


def test_where_too_much_waits_the_text_stays(stack: Stack, conversation: str) -> None:
    command = [sys.executable, "-c", FULL, "--conversation", conversation]
    chat = Terminal(command, stack.environment, ROOT, 80, 24)
    chat.wait_for(READY)
    chat.say("refuse this")
    chat.wait_for(r"Not accepted: So much waits that I take no more\.\n\n› refuse this *$")
    chat.type("\x15hello\r")
    chat.wait_for("An answer, 1 messages")
    chat.kill()


@pytest.mark.parametrize(("arguments", "given"), [(("--message", "refuse"), ""), ((), "refuse\n")])
def test_where_too_much_waits_it_is_an_error_for_programs(
    stack: Stack, conversation: str, arguments: tuple[str, ...], given: str
) -> None:
    command = [sys.executable, "-c", FULL, "--conversation", conversation, *arguments]
    done = subprocess.run(
        command, env=stack.environment, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "So much waits that I take no more.\n")
