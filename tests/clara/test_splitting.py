"""Splitting answers: whatever Markdown comes, every part can be sent and reads as it was written."""

import os
import re

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clara.splitting import length, split

CASES = int(os.environ.get("CLARA_SPLIT_CASES", "100"))
LIMIT = 2000
FENCE = re.compile(r"(?<!`)`{3,16}(?!`)")
LINK = re.compile(r"\[[^\[\]\n]*\]\([^()\s]*\)|https?://[^\s<>`]+")

words = st.text("abcdefghij klmn.,;:äöüß中文字*_~|#>-", min_size=1, max_size=80)
emoji = st.sampled_from(["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "é", "नि", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "한", "a\u0301\u0302"])
graphemes = st.builds(lambda e, n: e * n, emoji, st.integers(1, 700))
links = st.builds(
    lambda t, p: f"[{t}](https://example.org/{p})", st.text("abc def", max_size=30), st.text("xyz/_-", max_size=900)
)
addresses = st.builds(lambda p: f"https://example.org/{p}", st.text("xyz/_-?=&", max_size=1500))
inline_code = st.builds(lambda t: f"`{t}`", st.text("abc ()=", min_size=1, max_size=60))
line = st.lists(st.one_of(words, emoji, graphemes, links, addresses, inline_code), min_size=1, max_size=6).map(" ".join)
long_line = st.builds(lambda c, n: c * n, st.sampled_from("xä中😀"), st.integers(1, 5000))
code = st.builds(
    lambda language, lines: "```" + language + "\n" + "\n".join(lines) + "\n```",
    st.sampled_from(["", "python", "c++", "json"]),
    st.lists(st.one_of(st.text("abc =()[]{}'\t", max_size=120), long_line), min_size=1, max_size=60),
)
paragraph = st.lists(line, min_size=1, max_size=4).map("\n".join)
open_code = st.builds(lambda lines: "```python\n" + "\n".join(lines), st.lists(words, min_size=1, max_size=80))
documents = st.builds(
    lambda blocks, last: "\n\n".join([*blocks, last]),
    st.lists(st.one_of(paragraph, code, long_line, paragraph), max_size=8),
    st.one_of(paragraph, code, open_code),
)


def bare(text: str) -> str:
    """What must survive a split: everything but white space and the fences themselves."""
    return re.sub(r"\s+", "", re.sub(r"`{3}[a-z+]*(\n|$)", "", text))


@pytest.mark.timeout(60 + CASES // 5)
@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
@given(documents)
def test_any_document_is_split_into_parts_that_can_be_sent(text: str) -> None:
    parts = split(text, LIMIT)
    assert all(0 < length(part) <= LIMIT for part in parts)
    assert all(part.strip() for part in parts)
    if len(parts) > 1:
        assert all(len(FENCE.findall(part)) % 2 == 0 for part in parts), "every code block is closed where it is opened"
    assert bare("\n".join(parts)) == bare(text), "nothing is lost, repeated or added"
    whole = regex.findall(r"\X", bare(text))
    assert [g for part in parts for g in regex.findall(r"\X", bare(part))] == whole, "no grapheme is cut"
    joined = "\0".join(parts)
    for link in LINK.findall(re.sub(r"```.*?(```|$)", "", text, flags=re.DOTALL)):
        if length(link) <= LIMIT - 100:
            assert link in joined, "no link is cut"


@pytest.mark.timeout(60 + CASES // 5)
@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
@given(st.text(st.sampled_from("`ab \n\t[]()<>:/@#*_https😀\u0301\r"), max_size=6000))
def test_even_nonsense_is_split_within_the_limit(text: str) -> None:
    parts = split(text, 200)
    assert all(0 < length(part) <= 200 for part in parts)


def test_what_fits_is_left_alone() -> None:
    text = "  Hello\n\n```\nunclosed"
    assert split(text) == [text]
    assert split(" \n ") == []


def test_a_cut_prefers_the_end_of_a_paragraph() -> None:
    first, second = "a " * 700, "b " * 700
    assert split(f"{first.strip()}\n\n{second.strip()}") == [first.strip(), second.strip()]


def test_code_keeps_its_language_and_its_indentation() -> None:
    text = "Look:\n\n```python\n" + "\n".join(f"    value_{i} = {i}" for i in range(200)) + "\n```\nDone."
    parts = split(text)
    assert all(part.startswith("```python\n    value_") for part in parts[1:])
    assert all(part.endswith("\n```") for part in parts[:-1])
    assert parts[-1].endswith("```\nDone.")


def test_no_part_is_an_empty_code_block() -> None:
    for before in range(1900, 2010):
        parts = split("x" * before + "\n\n```python\nprint(1)\n```\n" + "y" * 50)
        assert not any(re.search(r"```(python)?\s*```", part) for part in parts)


@pytest.mark.parametrize(
    "text", ["x" * 9999, "👨‍👩‍👧‍👦" * 500, "a" + "\u0301" * 5000, "https://example.org/" + "x" * 5000]
)
def test_one_long_line_never_fails(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert all(length(part) <= LIMIT for part in parts)


def test_length_counts_as_platforms_do() -> None:
    assert length("aä中😀") == 5
