"""Text from outside on a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.printable import excerpt, one_line, printable


def test_escape_sequences_lose_their_power() -> None:
    assert printable("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00") == "[31mred[0m ]0;title 1m "


def test_line_ends_and_tabs_stay() -> None:
    assert printable("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


@given(st.text(st.characters()), st.text(st.characters()))
def test_growing_text_keeps_its_beginning_and_can_be_encoded(begun: str, more: str) -> None:
    assert printable(begun + more).startswith(printable(begun))
    printable(begun + more).encode()


def test_cutting() -> None:
    assert one_line("a\nb  c", 10) == "a b c"
    assert one_line("word " * 10, 12) == "word word w…"
    assert excerpt("x" * 3_000, 10) == "x" * 10 + "\n(and 2,990 characters more)"
