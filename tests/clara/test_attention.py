"""When Clara answers, when she stops and when she keeps silent."""

from typing import Any

import pytest

from clara.attention import Asker, Halt, Ignore, Overheard, Say, attend, may_decide
from clara.phrases import DEFAULT_STOP_PHRASES


def heard(text: str = "hello", **how: Any) -> Ignore | Halt | Say:
    return attend(Overheard(text, **how), DEFAULT_STOP_PHRASES)


def test_private_messages_are_answered_whatever_the_mode() -> None:
    assert heard(private=True, mode="off") == Say("hello", None, True)


@pytest.mark.parametrize(
    ("mode", "plain", "addressed"),
    [("active", Say, Say), ("mention", Ignore, Say), ("off", Ignore, Ignore)],
)
def test_modes(mode: str, plain: type, addressed: type) -> None:
    assert isinstance(heard(mode=mode), plain)
    assert isinstance(heard(mode=mode, mentions_clara=True), addressed)
    assert isinstance(heard(mode=mode, replies_to_clara=True), addressed)


@pytest.mark.parametrize("how", [{"private": True}, {"mentions_clara": True}, {"mode": "active"}])
def test_bots_and_places_that_are_not_allowed_are_never_answered(how: dict[str, Any]) -> None:
    assert heard(from_bot=True, **how) == Ignore()
    assert heard(allowed=False, **how) == Ignore()
    assert heard("stop", allowed=False, **how) == Ignore()


def test_stop_is_the_whole_message_and_said_to_clara() -> None:
    assert heard("Stop!", mentions_clara=True) == Halt()
    assert heard("nevermind", private=True) == Halt()
    assert heard("stop", replies_to_clara=True, mode="off") == Halt()
    assert isinstance(heard("stop at the red light", mentions_clara=True), Say)
    assert isinstance(heard("stop", mode="active"), Say), "people say stop to each other too"


def test_a_tier_prefix_is_taken_off() -> None:
    assert heard(" !high  prove it", mentions_clara=True) == Say("prove it", "high", True)


@pytest.mark.parametrize(
    ("who", "owner", "may"),
    [
        (Asker("discord:1"), "discord:1", True),
        (Asker("discord:1"), "discord:2", False),
        (Asker("discord:1"), None, False),
        (Asker("discord:1", moderates=True), "discord:2", True),
        (Asker("discord:1", moderates=True), None, True),
        (Asker("discord:1", private=True), None, True),
    ],
)
def test_who_may_stop_an_answer_or_change_a_place(who: Asker, owner: str | None, may: bool) -> None:
    assert may_decide(who, owner) is may
