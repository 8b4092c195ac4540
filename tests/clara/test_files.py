"""The bytes of a file tell what it is."""

import pytest

from clara.files import DOCX, PDF, ZIP, media_type_of, size_in_words


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"GIF89a...", "image/gif"),
        (b"RIFF0000WEBPVP8 ", "image/webp"),
        (b"RIFF0000WAVEfmt ", None),
        (b"BM\x36\x00\x0c\x00\0\0\0\0\x36\0\0\0", "image/bmp"),
        (b"BMW and Audi are makers of cars.", None),
        (b"\0\0\0\x1cftypheic", "image/heic"),
        (b"%PDF-1.7", PDF),
        (b"\n\n%PDF-1.4", PDF),
        (b"PK\x03\x04 word/document.xml", DOCX),
        (b"PK\x03\x04 anything else", ZIP),
        (b"", None),
        (b"hello", None),
    ],
)
def test_the_bytes_tell_the_type(data: bytes, media_type: str | None) -> None:
    assert media_type_of(data) == media_type


def test_sizes_are_said_in_words() -> None:
    assert [size_in_words(n) for n in (0, 80, 12_300, 1_600_000)] == ["0 bytes", "80 bytes", "12 KiB", "1.5 MiB"]
