"""What a file is, told by its first bytes: its name and declared type are only what somebody says."""

from typing import Literal

Shown = Literal["text", "image", "unreadable"]
"""As what a file is shown to the model."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
)
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic"}

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""What models take as images."""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
DOCUMENTS = (PDF, DOCX)


def media_type_of(data: bytes) -> str | None:
    """The media type that the bytes themselves show; None for text and for whatever is not known here."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "image/bmp"
    if data[4:8] == b"ftyp" and data[8:12] in _BRANDS:
        return _BRANDS[data[8:12]]
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return DOCX if b"word/document" in data else ZIP
    return next((media_type for beginning, media_type in _BEGINNINGS if data.startswith(beginning)), None)


def size_in_words(count: int) -> str:
    """A number of bytes for people: ``1.5 MiB``, ``12 KiB``, ``80 bytes``."""
    if count >= 2**20:
        return f"{count / 2**20:.1f} MiB"
    return f"{count // 1024} KiB" if count >= 1024 else f"{count} bytes"
