"""Cutting Markdown that still grows."""

import pytest
from markdown_it import MarkdownIt

from adapters.cli.render.blocks import finished

DOCUMENTS = {
    "paragraphs": "One line.\nThe same paragraph.\n\nAnother.\n\nThe last\n",
    "lists": "Before:\n\n1. one\n\n2. two\n   more of two\n\n- a\n- b\n\nAfter.\n",
    "code": "Look:\n\n```python\ndef f():\n\n\n    return 1\n```\n\nThat was it.\n",
    "code that looks like Markdown": "````\n# no heading\n\n```\n- no list\n````\n\n# A heading\n\nText\n",
    "table": "Words.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nMore.\n",
    "headings": "Title\n=====\n\ntext\n\n## Sub\ntext\n---\n\nend\n",
    "quotes": "> quoted\ncontinued lazily\n\n> another\n\nend\n",
    "html and rules": "<div>\n\ntext\n\n</div>\n\n***\n\nend\n",
}


def stream(text: str, size: int) -> list[str]:
    """The blocks that are given out while ``text`` arrives in pieces, and in the end the rest."""
    given: list[str] = []
    done = 0
    for end in range(size, len(text) + size, size):
        length = finished(text[done:end])
        if length:
            given.append(text[done : done + length])
            done += length
    return [*given, text[done:]]


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_lost_and_no_block_is_cut(name: str, size: int) -> None:
    text = DOCUMENTS[name]
    given = stream(text, size)
    assert "".join(given) == text
    tokens = MarkdownIt().enable("table").parse(text)
    beginnings = {token.map[0] for token in tokens if token.level == 0 and token.map}
    assert {"".join(given[:n]).count("\n") for n in range(len(given))} <= beginnings


def test_a_block_is_given_out_as_soon_as_the_next_one_has_begun() -> None:
    assert finished("First.\n\nSec") == 0
    assert finished("First.\n\nSecond\n") == len("First.\n\n")


def test_half_a_line_is_not_taken_for_a_block() -> None:
    """``2`` alone would be a paragraph and end the list; it becomes the list's next item."""
    assert finished("1. one\n\n2") == 0
    assert finished("1. one\n\n2. two\n") == 0


def test_a_long_unfinished_code_block_stays_whole() -> None:
    code = "```\n" + "line\n\n" * 500
    assert finished("Before.\n\n" + code) == len("Before.\n\n")
