# ruff: noqa: RUF001 -- the prompt is an arrow
"""What Clara says without being asked, and what something else than a person began, at the terminal."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from adapters.door import open_door
from clara.messages import ConversationKey, Incoming, Person
from clara.notices import Notice
from clara.settings import load
from tests import nursery
from tests.adapters.cli.conftest import Stack
from tests.adapters.cli.terminal import Terminal

OpenChat = Callable[..., Terminal]
READY = r"^› *$"


def tell(stack: Stack, conversation: str, *texts: str) -> None:
    """Twice each, as whoever has news may not know whether they were told."""

    async def told() -> None:
        async with open_door(load(stack.environment)) as door:
            for text in texts:
                to = ConversationKey(platform="cli", channel=f"me/{conversation}")
                notice = Notice(key=f"test/{uuid4().hex}", user_id="cli:me", to=to, text=text)
                await door.notify(notice)
                await door.notify(notice)

    asyncio.run(told())


def test_an_open_chat_shows_it_at_once_in_every_window_and_no_later_one_again(
    stack: Stack, conversation: str, open_chat: OpenChat
) -> None:
    windows = [open_chat("--conversation", conversation) for _ in range(2)]
    for window in windows:
        window.wait_for(READY)
    windows[0].type("half a sentence")
    tell(stack, conversation, "A mail of Bob came.")
    for window in windows:
        window.wait_for(r"News:\n\nA mail of Bob came\.\n\n›")
        assert window.everything.count("A mail of Bob") == 1
    windows[0].wait_for(r"^› half a sentence$")
    later = open_chat("--conversation", conversation)
    later.wait_for(READY)
    assert "A mail of Bob" not in later.everything


def test_a_closed_chat_shows_it_when_it_is_opened_and_programs_are_left_alone(
    stack: Stack, conversation: str, open_chat: OpenChat
) -> None:
    tell(stack, conversation, "A mail of Bob came.", "The task\x07 has ended.")
    done = stack.run("--conversation", conversation, given="hello\n")
    assert "Bob" not in done.stdout + done.stderr
    chat = open_chat("--conversation", conversation)
    chat.wait_for(r"Meanwhile:\n\nA mail of Bob came\.\n\nMeanwhile:\n\nThe task has ended\.\n\n› *$")
    again = open_chat("--conversation", conversation)
    again.wait_for(READY)
    assert "Bob" not in again.everything


def test_what_a_schedule_began_does_not_look_like_the_persons_words(
    stack: Stack, conversation: str, open_chat: OpenChat
) -> None:
    chat = open_chat("--conversation", conversation)
    chat.wait_for(READY)

    async def begun() -> None:
        async with open_door(load(stack.environment)) as door:
            await door.say(
                Incoming(
                    id=f"schedule-{uuid4().hex}",
                    conversation=ConversationKey(platform="cli", channel=f"me/{conversation}"),
                    user=Person(id="cli:me", name="me"),
                    text="hello",
                    sent_at=datetime.now(UTC),
                    origin="schedule",
                )
            )

    asyncio.run(begun())
    chat.wait_for(r"^Begun by a schedule: hello\n\nAn answer, \d messages\.\n\n› *$")
    later = open_chat("--conversation", conversation)
    later.wait_for(r"› Begun by a schedule: hello\n +An answer")
    show = ["turn", "show", "last", "--conversation", f"cli/me/{conversation}"]
    environment = {**stack.environment, "CLI_USER_ID": "me"}
    shown = nursery.run("gateway", *show, "--json", env=environment)
    assert json.loads(shown.stdout)["origin"] == "schedule", shown.stderr
    told = nursery.run("gateway", *show, env=environment)
    assert "by cli:me (begun by a schedule): hello" in told.stdout, told.stderr
