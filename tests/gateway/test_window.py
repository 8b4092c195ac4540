"""Long lines in narrow windows."""

from gateway.console.window import wrapped


def test_lines_break_between_words() -> None:
    text = "  asked     2026-11-25 12:00 by cli:me: what is the time\nturn/cli/me/main/" + "a" * 32
    assert wrapped(text, 40).split("\n") == [
        "  asked     2026-11-25 12:00 by cli:me:",
        "    what is the time",
        "turn/cli/me/main/" + "a" * 32,
    ]
    assert wrapped(text, None) == text
    assert wrapped(text, 80) == text
