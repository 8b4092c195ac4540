"""The text of PDF and Word files. Runs in the process of ``activities.files.child``."""

import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clara.errors import UserError

MAX_TEXT = 200_000
"""Characters, after which the rest of a document is not read."""

MAX_UNPACKED = 256 * 2**20
"""Bytes of all parts of a Word file; large ones hold pictures. What its XML may unfold to, memory bounds."""

READING_S = 12.0
"""CPU seconds, after which a document is left with what was read of it until then."""


@dataclass(frozen=True)
class Text:
    text: str
    cut: bool
    """Whether there was more in the file."""


def read_pdf(data: bytes) -> Text:
    """Raises UserError where there is no text, or a password before it."""
    from pypdf import PdfReader, errors

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UserError("it is protected by a password")
        return _collected((page.extract_text() for page in reader.pages), "\n\n")
    except (errors.DependencyError, errors.FileNotDecryptedError):
        raise UserError("it is encrypted") from None


def read_docx(data: bytes) -> Text:
    """Raises UserError where there is no text."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
            raise UserError(f"it unpacks to more than {MAX_UNPACKED // 2**20} MiB")
    from docx import Document

    return _collected(_blocks(Document(io.BytesIO(data))), "\n")


def _blocks(document: Any) -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield " | ".join(cell.text for cell in row.cells)
        else:
            yield block.text


def _collected(pieces: Iterator[str], between: str) -> Text:
    """What ``pieces`` give until it is enough, or one of them breaks after others did not."""
    found: list[str] = []
    size = 0
    cut = False
    try:
        for piece in pieces:
            found.append(piece)
            size += len(piece) + len(between)
            if size > MAX_TEXT or time.process_time() > READING_S:
                cut = next(pieces, None) is not None or size > MAX_TEXT
                break
    except UserError:
        raise
    except Exception:
        if not any(piece.strip() for piece in found):
            raise
        cut = True  # which the model is told
    text = between.join(found)
    if not text.strip():
        raise UserError("there is no text in it" + (", which is so with scanned pages" if between == "\n\n" else ""))
    return Text(text[:MAX_TEXT].strip(), cut)
