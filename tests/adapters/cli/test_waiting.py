# ruff: noqa: RUF001 -- the prompt is an arrow
"""Turns that wait for something outside of Clara, at the terminal."""

import json
from collections.abc import Callable

from tests.adapters.cli.conftest import Stack
from tests.adapters.cli.terminal import Terminal
from tests.patience import PATIENCE_S

OpenChat = Callable[..., Terminal]
READY = r"^› *$"


def test_the_next_message_is_answered_meanwhile(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("ask Bob")
    chat.wait_for(r"Waiting for an answer of Bob\.\n\n› *$")
    chat.say("hello")
    chat.wait_for(r"› hello\n\nAn answer, \d messages\.\n\n› *$")
    chat.say("/status")
    chat.wait_for(r"Nothing is running\.\nWaiting for something outside: 1; /tasks lists them$")
    stack.bring(conversation, "yes")
    chat.wait_for(r"› ask Bob\n\n✓ ask_person: Bob\n\nBob says yes\.\n\n› *$")
    assert chat.everything.count("› ask Bob") == 2, "said, and again before its late answer"


def test_stop_means_the_one_that_waits_where_nothing_else_runs(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("ask Bob")
    chat.wait_for(r"Waiting for an answer of Bob\.\n\n› *$")
    chat.say("stop")
    chat.wait_for(r"Stopped\.\n\n› *$")


def test_the_answer_came_while_the_chat_was_closed(stack: Stack, conversation: str, open_chat: OpenChat) -> None:
    done = stack.run("--conversation", conversation, given="ask Bob\nhello\n")
    assert done.stdout.startswith("An answer, ")
    assert "waits for something outside" in done.stderr
    stack.bring(conversation, "yes")
    stack.wait_until_answered(conversation)
    chat = open_chat("--conversation", conversation)
    chat.wait_for(r"Finished meanwhile:\n\n› ask Bob\n\n✓ ask_person: Bob\n\nBob says yes\.\n\n› *$")


def test_one_question_waits_for_its_answer(stack: Stack, conversation: str) -> None:
    asking = stack.start("--conversation", conversation, "--message", "ask Bob", "--json")
    assert asking.stderr is not None
    assert asking.stderr.readline() == "(waiting for an answer of Bob …)\n"
    stack.bring(conversation, "yes")
    out, _ = asking.communicate(timeout=PATIENCE_S)
    assert json.loads(out)["reply"] == "Bob says yes."


def test_tasks_are_listed_and_one_of_them_is_stopped_by_its_number(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("/tasks")
    chat.wait_for(r"No task is waiting\.")
    for number in (1, 2):
        chat.say("ask Bob")
        chat.wait_for(rf"(Waiting for an answer of Bob\.(.|\n)*){{{number}}}› *$")
    chat.say("/tasks")
    chat.wait_for(r"1\. an answer of Bob, since [\d: -]+, until (.|\n)*2\. an answer of Bob(.|\n)*/stop NUMBER")
    chat.say("/stop 3")
    chat.wait_for(r"There is no task 3\. /tasks lists them\.")
    chat.say("/stop 1")
    chat.wait_for(r"Stopped\.\n\n› *$")
    chat.say("/tasks")
    chat.wait_for(r"1\. an answer of Bob(.|\n)*To stop")
