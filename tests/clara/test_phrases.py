"""Messages that are nothing but a yes or a no."""

import pytest

from clara import phrases


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((text, "allow") for text in ("yes", " Yes! ", "OK.", "y")),
        *((text, "deny") for text in ("no", "N", "no.")),
        *((text, None) for text in ("", "yes please post it twice", "no way, and tell Bob", "nope", "yess")),
    ],
)
def test_a_yes_or_no_is_a_whole_message(text: str, meant: str | None) -> None:
    assert phrases.answer(text) == meant
