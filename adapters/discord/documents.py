"""The text of PDF and Word files.

Such files come from strangers and their parsers are large, so they run in a process of their own
that has a limited life, limited memory and none of our secrets: ``python -m
adapters.discord.documents pdf|docx`` reads the file from its input and writes the text.
"""

import asyncio
import io
import resource
import sys

from clara.errors import UserError

TIMEOUT_S = 20
MEMORY = 1024**3
"""Bytes of address space."""

MAX_TEXT = 200_000
"""Characters that are kept of a document."""

_UNREADABLE = "I cannot read it"


def kind(data: bytes) -> str | None:
    """``pdf`` or ``docx``, told by the content."""
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    return "docx" if data.startswith(b"PK\x03\x04") and b"word/" in data else None


async def extract(data: bytes, document: str) -> str:
    """The text of a document, cut at 200,000 characters; UserError if it has none or cannot be read."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.discord.documents", document,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={},
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(data), TIMEOUT_S)
    except TimeoutError:
        raise UserError("it takes too long to read") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UserError(_UNREADABLE)
    text = output.decode("utf-8", "replace").strip()
    if not text:
        raise UserError("there is no text in it")
    return text[:MAX_TEXT]


def _read(document: str, data: bytes) -> str:
    if document == "pdf":
        from pypdf import PdfReader

        return "\n\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    from docx import Document

    body = Document(io.BytesIO(data))
    paragraphs = [paragraph.text for paragraph in body.paragraphs]
    rows = [" | ".join(cell.text for cell in row.cells) for table in body.tables for row in table.rows]
    return "\n".join([*paragraphs, *rows])


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT_S, TIMEOUT_S))
    text = _read(sys.argv[1], sys.stdin.buffer.read())
    sys.stdout.buffer.write(text[: MAX_TEXT + 1].encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
