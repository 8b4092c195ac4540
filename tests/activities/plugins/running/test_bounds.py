"""What bounds the words of servers, by itself."""

import base64
import json
from typing import Any

import pytest
from mcp.types import CallToolResult

from activities.plugins.running.calls import CallResult
from activities.plugins.running.messages.listing import changed, differ
from activities.plugins.running.messages.progress import line
from activities.plugins.running.messages.results import FILES_LIMIT, result_of
from activities.plugins.running.wire.lines import LastWords, Lines, TooLong
from activities.plugins.running.wire.scrubbing import Scrubber
from clara.plugins.plugin import PluginTool


def test_lines_come_whole_however_they_are_cut() -> None:
    lines = Lines()
    pieces = [b"one\ntw", b"o", b"\n\nthree", b"\n", b"the rest"]
    assert [line for piece in pieces for line in lines.feed(piece)] == [b"one", b"two", b"", b"three"]


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"short\n" + b"x" * 11], [b"x" * 6, b"x" * 5], [b"x" * 11 + b"\n"]])
def test_a_line_that_is_too_long_is_an_error_before_it_ends(pieces: list[bytes]) -> None:
    lines = Lines(10)
    with pytest.raises(TooLong):
        _ = [line for piece in pieces for line in lines.feed(piece)]


def test_last_words_are_the_end_without_secrets_and_controls() -> None:
    words = LastWords(Scrubber(["s3cret-key"]))
    words.add(b"x" * 10_000)
    words.add(b"\n\x1b[31mno access with s3cret-key\xff\n")
    assert len(str(words)) <= 4_000
    assert str(words).endswith("[31mno access with ***\N{REPLACEMENT CHARACTER}")
    assert "\x1b" not in str(words)


def test_a_secret_is_found_within_json_and_within_another() -> None:
    scrubber = Scrubber(['quoted "key"', "secret", "secret-longer", "abc"])
    said = 'a secret-longer one, abc, {"k": "quoted \\"key\\""}'
    result = scrubber.result(CallResult(said, structured={"k": ["a secret"]}))
    assert result.text == 'a *** one, abc, {"k": "***"}'
    assert result.structured == {"k": ["a ***"]}


def made(*content: dict[str, Any], **more: Any) -> CallResult:
    return result_of(CallToolResult.model_validate({"content": list(content), **more}))


def test_every_kind_of_content_becomes_text_or_a_file() -> None:
    data = base64.b64encode(b"bytes").decode()
    result = made(
        {"type": "text", "text": "words"},
        {"type": "image", "data": data, "mimeType": "image/png"},
        {"type": "image", "data": data, "mimeType": "image/png"},
        {"type": "audio", "data": data, "mimeType": "no type at all\r\n"},
        {"type": "resource", "resource": {"uri": "file:///etc/notes.txt", "text": "noted"}},
        {"type": "resource", "resource": {"uri": "file:///../../a.bin", "blob": data}},
        {"type": "resource_link", "uri": "https://example.org/x", "name": "x", "description": "about\nx"},
        {"type": "image", "data": "!!", "mimeType": "image/png"},
    )
    assert result.text.split("\n\n") == [
        "words",
        "file:///etc/notes.txt:\nnoted",
        "x (https://example.org/x): about x",
        "[A file came that cannot be decoded.]",
    ]
    assert [(file.name, file.media_type) for file in result.files] == [
        ("image.png", "image/png"),
        ("image (2).png", "image/png"),
        ("audio", "application/octet-stream"),
        ("a.bin", "application/octet-stream"),
    ]


def test_files_beyond_any_measure_are_left_out_and_that_is_said() -> None:
    small = {"type": "image", "data": base64.b64encode(b"x").decode(), "mimeType": "image/png"}
    large = {**small, "data": base64.b64encode(bytes(11 * 2**20)).decode()}
    result = made(large, *[small] * (FILES_LIMIT + 5))
    assert len(result.files) == FILES_LIMIT
    assert "6 files were left out" in result.text


def test_json_alone_is_the_text_too() -> None:
    result = made(structuredContent={"word": "ä"}, isError=True)
    assert result.structured == {"word": "ä"}
    assert json.loads(result.text) == {"word": "ä"}
    assert result.is_error


@pytest.mark.parametrize(
    ("progress", "total", "message", "shown"),
    [
        (1.0, 2.0, "half\x1b[2J way\n", "half [2J way, 1 of 2"),
        (3.0, None, None, "3"),
        (3.0, 4.0, None, "3 of 4"),
        (1.0, None, "x" * 500, "x" * 200),
    ],
)
def test_progress_is_one_short_line(progress: float, total: float | None, message: str | None, shown: str) -> None:
    assert line(progress, total, message) == shown


def tool(name: str, description: str = "", approved: str | None = None, present: bool = True) -> PluginTool:
    yes = None if approved is None else {"description": approved, "parameters": {}, "hints": {}}
    return PluginTool(plugin_id="p", name=name, description=description, approved=yes, present=present)


def test_only_what_differs_from_its_approval_is_changed() -> None:
    known = [tool("same", "a", "a"), tool("other", "b", "b"), tool("never", "c"), tool("hidden", "d", "d", False)]
    now = [tool("same", "a"), tool("other", "evil"), tool("never", "evil"), tool("hidden", "evil"), tool("new", "e")]
    assert changed(known, now) == {"other", "hidden"}
    assert differ(known, now)
    assert not differ(known, [tool("same", "a"), tool("other", "b"), tool("never", "c")])
