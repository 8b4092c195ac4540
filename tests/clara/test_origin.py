"""Who began a turn: what nobody has said is not taken for anybody's words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from clara.llm import prompts
from clara.messages import BEGUN_BY, ConversationKey, Incoming, Person, TurnOrigin


def incoming(**more: Any) -> Incoming:
    return Incoming.model_validate(
        {
            "id": "17",
            "conversation": ConversationKey(platform="discord", channel="7"),
            "user": Person(id="discord:5", name="Ann"),
            "text": "I like tea",
            "sent_at": datetime(2026, 11, 27, 10, tzinfo=UTC),
            **more,
        }
    )


def test_messages_of_earlier_releases_were_begun_by_a_person() -> None:
    kept = incoming().model_dump(mode="json")
    del kept["origin"]
    message = Incoming.model_validate(kept)
    assert (message.origin, message.own_words, message.reply_to) == ("person", "I like tea", "17")


@pytest.mark.parametrize("origin", [origin for origin in BEGUN_BY if origin != "person"])
def test_what_something_else_began_is_nobodys_words_and_no_message_that_can_be_replied_to(origin: TurnOrigin) -> None:
    message = incoming(origin=origin, id=f"{origin}-2026-11-27")
    assert (message.own_words, message.reply_to) == ("", None)
    heading = prompts.message_heading(message, message.sent_at)
    assert heading == f"[2026-11-27 10:00, begun by {BEGUN_BY[origin]}: nobody has written this just now]"
    with pytest.raises(ValidationError, match=f"must begin with '{origin}-'"):
        incoming(origin=origin)


def test_the_heading_of_a_persons_message_stays_as_it_was() -> None:
    """Or providers would read all conversations anew."""
    assert prompts.message_heading(incoming(), incoming().sent_at) == "[2026-11-27 10:00]"
    shared = incoming(private=False)
    assert prompts.message_heading(shared, shared.sent_at) == "[2026-11-27 10:00, Ann]"
