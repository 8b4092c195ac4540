# ruff: noqa: RUF001 -- the prompt is an arrow
"""Questions before tools at the terminal: what is read there, and how it is answered."""

import json
from collections.abc import Callable

from tests.adapters.cli.conftest import Stack
from tests.adapters.cli.terminal import Terminal
from tests.patience import PATIENCE_S

OpenChat = Callable[..., Terminal]
READY = r"^› *$"
ASKED = r'May I do this\?(.|\n)*announce: "hi" to everybody(.|\n)*It reaches other people\.(.|\n)*› *$'


def test_yes_at_the_prompt_lets_it_run_and_no_does_not(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("yes")
    chat.wait_for(r"An answer, \d messages\.\n\n› *$")
    chat.say("announce hi")
    chat.wait_for(ASKED)
    chat.say("/approvals")
    chat.wait_for(r"1\. announce: \"hi\" to everybody\n")
    chat.say("yes")
    chat.wait_for(r"Allowed: announce(.|\n)*announced hi\.\n\n› *$")
    chat.say("announce ho")
    chat.wait_for(ASKED.replace('"hi', '"ho'))
    chat.say("No.")
    chat.wait_for(r"Not allowed: announce(.|\n)*The person said no(.|\n)*› *$")


def test_what_is_allowed_for_the_conversation_is_listed_and_taken_back(conversation: str, open_chat: OpenChat) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)
    chat.say("announce hi")
    chat.wait_for(ASKED)
    chat.say("/allow conversation")
    chat.wait_for(r"It stays allowed in this conversation\.(.|\n)*announced hi\.\n\n› *$")
    chat.say("announce ho")
    chat.wait_for(r"announced ho\.\n\n› *$")
    chat.say("/grants")
    chat.wait_for(r"\d+\. announce +in cli/")
    number = chat.everything.rpartition(". announce")[0].split()[-1]
    chat.say(f"/grants {number}")
    chat.wait_for(r"Taken back: I ask again from now on\.")


def test_the_operator_answers_at_the_command_line(stack: Stack, conversation: str) -> None:
    asking = stack.start("--conversation", conversation, "--message", "announce hi", "--json")
    assert asking.stderr is not None
    waits = asking.stderr.readline()
    assert waits.startswith("(waiting for your yes [")
    id = waits.partition("[")[2].partition("]")[0]
    listed = json.loads(stack.clara("approvals", "list", "--json"))
    assert id in [each["id"] for each in listed]
    assert "It reaches other people." in stack.clara("approvals", "show", id)
    assert "Allowed by operator" in stack.clara("approvals", "allow", id)
    out, _ = asking.communicate(timeout=PATIENCE_S)
    assert json.loads(out)["reply"] == "announced hi."
