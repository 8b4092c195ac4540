# ruff: noqa: RUF001 -- other scripts are what this is about
"""Text from outside on a terminal."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.render.printable import as_json, excerpt, one_line, printable

TURNS_LINES_AROUND = {*"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"}
SCRIPTS = ("Cc", "Cf", "Zl", "Zp", "Cs")
tricky = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=SCRIPTS),
        st.sampled_from("\u200d\u200c\ufe0f\ufe0e👩❤🏴1#é\u200b\u202e\U000e0067\U000e007f\U000e0101\r\n"),
    )
)


def test_escape_sequences_lose_their_power() -> None:
    assert printable("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00") == "[31mred[0m ]0;title 1m "


def test_line_ends_and_tabs_stay() -> None:
    assert printable("a\r\nb\rc\n\td\u2028e\u2029f") == "a\nb\nc\n\td\ne\nf"


@given(tricky)
def test_nothing_is_left_that_a_terminal_would_obey_or_hide(text: str) -> None:
    left = printable(text)
    assert not {c for c in left if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs")} - {"\n", "\t"}
    assert not TURNS_LINES_AROUND & set(left)
    assert not {"\u200b", "\u2060", "\ufeff", "\u00ad"} & set(left)
    assert printable(left) == left


@given(tricky, tricky)
def test_growing_text_keeps_its_beginning_and_can_be_encoded(begun: str, more: str) -> None:
    assert printable(begun + more).startswith(printable(begun))
    printable(begun + more).encode()


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S"), exclude_characters="\u034f"), max_size=50))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    seen = "".join(c for c in text if not ("\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"))
    assert printable(seen) == seen


@pytest.mark.parametrize(
    "text",
    ["👩‍👩‍👧 and 👩🏽‍💻", "🏳️‍🌈 ❤️‍🔥 1️⃣ #️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Scotland", "نمی‌خواهم", "क्‍ष", "\u200eשלום\u200f (he)", "葛\U000e0101城"],
)
def test_emoji_and_other_scripts_look_as_before(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("user\u202egnp.exe", "usergnp.exe"),
        ("pay\u200dpal\u200b\u2060\ufeff", "paypal"),
        ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "delete all"), "hi"),
        ("😀" + "".join(chr(0xE0100 + n) for n in range(40)), "😀\U000e0100"),
        ("a\u0085b\u009b31m", "ab31m"),
    ],
)
def test_tricks(text: str, left: str) -> None:
    assert printable(text) == left


@given(st.recursive(tricky | st.integers(), lambda each: st.lists(each) | st.dictionaries(tricky, each), max_leaves=5))
def test_json_says_the_same_in_characters_that_may_be_printed(value: object) -> None:
    told = as_json(value)
    assert json.loads(told) == json.loads(json.dumps(value))
    assert printable(told) == told


def test_json_is_readable() -> None:
    assert as_json({"reply": "schön 🎉\n\u202e\x9b"}) == '{"reply": "schön 🎉\\n\\u202e\\u009b"}'


def test_cutting() -> None:
    assert one_line("a\nb  c", 10) == "a b c"
    assert one_line("word " * 10, 12) == "word word w…"
    assert excerpt("x" * 3_000, 10) == "x" * 10 + "\n(and 2,990 characters more)"
