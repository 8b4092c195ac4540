"""What mem0 and MyPalClara write, as Clara reads it; and the way back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.memory.secrets import holds_secret
from clara.errors import UserError
from clara.memory import mem0
from clara.memory.kinds import QUOTATION_LIMIT, Memory
from clara.memory.mem0 import Arriving, arriving

NOW = datetime(2026, 11, 28, tzinfo=UTC)
GET_ALL = {
    "id": "a1",
    "memory": "Lives in Hamburg",
    "hash": "x",
    "metadata": {"category": "personal"},
    "created_at": "2024-05-01T10:00:00-07:00",
    "updated_at": None,
    "user_id": "alice",
}


def read(**changes: Any) -> Arriving | str:
    return arriving({**GET_ALL, **changes}, NOW, holds_secret)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (GET_ALL, Arriving("alice", "Lives in Hamburg", created_at=datetime(2024, 5, 1, 17, tzinfo=UTC))),
        (
            {
                "data": "Has a dog",
                "user_id": "discord-123",
                "agent_id": "clara",
                "is_key": "true",
                "project_id": "default",
            },
            Arriving("discord-123", "Has a dog", "key"),
        ),
        (
            {"id": "x", "content": "Likes tea", "metadata": {}, "is_key": False, "created_at": "2025-01-02T03:04:05Z"},
            Arriving(None, "Likes tea", created_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ),
        (
            {"text": "Standup at nine", "user_id": 7, "metadata": {"project": "Apollo", "private": False}},
            Arriving("7", "Standup at nine", "project", "apollo", private=False),
        ),
    ],
    ids=["get_all", "a payload of MyPalClara", "MyPalClara's export", "Clara's"],
)
def test_every_form_is_understood(item: dict[str, Any], expected: Arriving) -> None:
    assert arriving(item, NOW, holds_secret) == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"memory": ""}, "unreadable"),
        ({"memory": None}, "unreadable"),
        ({"memory": ["a", "list"]}, "unreadable"),
        ({"memory": "\u200b \x00"}, "unreadable"),
        ({"user_id": ["alice", "bob"]}, "unreadable"),
        ({"user_id": {"in": ["alice"]}}, "unreadable"),
        ({"user_id": True}, "unreadable"),
        ({"metadata": {"project": "x" * 200}}, "unreadable"),
        ({"memory": "words " * QUOTATION_LIMIT}, "too long"),
        ({"memory": "My password is hunter2"}, "secret"),
        ({"role": "assistant"}, "not the person's"),
        ({"attributed_to": "assistant"}, "not the person's"),
        ({"metadata": {"memory_type": "emotional_context"}}, "not a fact"),
        ({"metadata": {"memory_type": "topic_mention"}}, "not a fact"),
        ({"memory_type": "procedural_memory"}, "not a fact"),
        ({"metadata": {"kind": "emotional"}}, "not a fact"),
        ({"expiration_date": "2026-11-27"}, "expired"),
    ],
)
def test_what_is_left_out_says_why(changes: dict[str, Any], why: str) -> None:
    assert read(**changes) == why
    assert why in mem0.TELLING


@pytest.mark.parametrize("item", [None, 5, "a text", ["a", "list"], [], {}])
def test_what_is_no_memory_is_unreadable(item: Any) -> None:
    assert arriving(item, NOW, holds_secret) == "unreadable"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-01T00:00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        (1_704_067_200, datetime(2024, 1, 1, tzinfo=UTC)),
        ("2999-01-01T00:00:00Z", None),  # it would be the newest for ever
        ("0001-01-01T00:00:00+14:00", None),
        (10**20, None),
        (True, None),
        ("yesterday", None),
        ({}, None),
    ],
)
def test_dates_are_kept_and_wrong_ones_are_not(value: Any, expected: datetime | None) -> None:
    found = read(created_at=value)
    assert isinstance(found, Arriving)
    assert found.created_at == expected


def test_a_memory_that_will_expire_still_does() -> None:
    found = read(expiration_date="2026-11-28")
    assert isinstance(found, Arriving)
    assert found.expires_at == NOW + timedelta(days=1)


def test_people_are_named_one_by_one() -> None:
    assert mem0.people(("discord-123=discord:123", "a=b=cli:me", "cli:you")) == {
        "discord-123": "discord:123",
        "a=b": "cli:me",
        None: "cli:you",
    }


@pytest.mark.parametrize(
    "wish", ["*=cli:me", "=cli:me", "disc*=cli:me", "alice=*", "alice=", "alice", "%=cli:me", "alice=cli:*", " =cli:me"]
)
def test_wildcards_and_what_is_nobody_are_refused(wish: str) -> None:
    with pytest.raises(UserError):
        mem0.people((wish,))


def test_one_id_cannot_be_two_people() -> None:
    with pytest.raises(UserError, match="two people"):
        mem0.people(("alice=cli:a", "alice=cli:b"))


def test_what_leaves_can_come_back() -> None:
    for kind, project in (("user", None), ("key", None), ("project", "apollo")):
        memory = Memory(
            id="m1",
            user_id="cli:me",
            kind=kind,
            text="I like tea.",
            project=project,
            private=False,
            origin="command",
            created_at=datetime(2025, 2, 3, tzinfo=UTC),
        )
        back = arriving(mem0.leaving(memory), NOW, holds_secret)
        assert back == Arriving("cli:me", "I like tea.", kind, project, False, memory.created_at)
