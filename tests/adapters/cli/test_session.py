"""Who speaks and what is sent, without any server."""

from typing import cast

import pytest

from adapters.cli.session.session import Session, open_session
from adapters.door import Door
from clara.errors import UserError
from clara.settings import load


def session(conversation: str = "main", user: str | None = None) -> Session:
    return open_session(load({"CLI_USER_ID": "kim"}), cast(Door, None), conversation, user)


def test_the_conversation_belongs_to_the_user() -> None:
    assert session().key.id == "cli/kim/main"
    assert session("work/plans", "lee").key.id == "cli/lee/work/plans"
    assert session(user="lee").user.id == "cli:lee"


@pytest.mark.parametrize(
    ("conversation", "user"), [("two words", None), ("", None), ("main", "a b"), ("x" * 200, None)]
)
def test_names_that_cannot_be(conversation: str, user: str | None) -> None:
    with pytest.raises(UserError, match="cannot be a"):
        session(conversation, user)


def test_a_message_carries_the_tier_of_its_first_word_and_no_control_characters() -> None:
    message = session().message("!high think \x1b[2Jhard\r\n")
    assert (message.tier, message.text) == ("high", "think [2Jhard")
    assert message.deliver_to is None
    assert message.id != session().message("think").id


def test_a_prefix_alone_is_no_message() -> None:
    with pytest.raises(UserError, match="!fast"):
        session().message("!fast")


def test_too_long_a_message_names_the_limit() -> None:
    with pytest.raises(UserError, match="100,000"):
        session().message("x" * 100_001)
