"""The arguments of actions in chats: what a platform would refuse is refused before, with the limit."""

from typing import Any

import pytest
from pydantic import ValidationError

from clara.chat import ACTIONS

SMILE = "\N{SMILING FACE WITH SUNGLASSES}"
LONG_EMBED = {"title": "t", "description": "d" * 4096, "footer": "f" * 2048}


@pytest.mark.parametrize(
    ("kind", "arguments", "why"),
    [
        ("send_message_to_channel", {"channel": "a", "text": SMILE * 1001}, "2,002 characters"),
        ("send_message_to_channel", {"channel": "a", "text": " \n"}, "blank"),
        ("send_message_to_channel", {"channel": "", "text": "x"}, "at least 1"),
        ("send_message_to_channel", {"channel": "a", "text": "x", "mentions": "everyone"}, "Extra"),
        ("send_buttons", {"text": "?", "choices": list("abcdef")}, "at most 5"),
        ("send_buttons", {"text": "?", "choices": ["a", " a"]}, "another"),
        ("send_buttons", {"text": "?", "choices": [SMILE * 41]}, "82 characters"),
        ("send_buttons", {"text": "?", "choices": []}, "at least 1"),
        ("send_embed", LONG_EMBED, "6,145 characters"),
        ("send_embed", {"title": "t", "fields": [{"name": "n", "value": "v"}] * 26}, "at most 25"),
        ("send_embed", {"title": "t", "url": "javascript:alert(1)"}, "pattern"),
        ("create_thread", {"name": "n"}, "either"),
        ("create_thread", {"name": "n", "text": "t", "message": "1"}, "either"),
        ("create_thread", {"name": "n" * 101, "text": "t"}, "at most 100"),
        ("edit_message", {"message": "1/../2", "text": "t"}, "pattern"),
        ("add_reaction", {"emoji": "../../@me"}, "pattern"),
        ("add_reaction", {"emoji": "%2e%2e"}, "pattern"),
        ("get_chat_history", {"limit": 101}, "100"),
    ],
)
def test_what_a_platform_would_refuse(kind: str, arguments: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ACTIONS[kind].model_validate(arguments)


@pytest.mark.parametrize("emoji", ["👍", "1️⃣", "🏳️‍🌈", "<:party:123456789012345678>", "<a:wave:123456789012345678>"])
def test_emojis(emoji: str) -> None:
    assert ACTIONS["add_reaction"].model_validate({"emoji": emoji})
