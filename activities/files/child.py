"""``python -m activities.files.child MAX_DIMENSION``: one file from standard input, what can be read of it to output.

Files come from strangers and their parsers are large, so they run in a process of their own, with
limited memory and time and none of our secrets. The answer is a line of JSON, which is a Header, and the bytes
that belong to it.
"""

import json
import sys
from dataclasses import asdict, dataclass

from activities.files import documents, images, texts
from activities.files.limits import limit
from clara.errors import UserError
from clara.files import DOCX, PDF, Shown, media_type_of
from clara.text import storable

SHOWN = 100_000
"""Characters of a file that the model reads."""

DAMAGED = "it is damaged, or not what it seems to be"
GOES_ON = "\n\n[… the file goes on; it was read up to here …]"


@dataclass(frozen=True)
class Header:
    kind: Shown
    media_type: str
    unchanged: bool = False
    """The file itself can be shown to the model; no bytes follow."""
    fault: str = ""
    """The class of what a parser failed with, for the log."""


def read(data: bytes, max_dimension: int) -> tuple[Header, bytes]:
    """What the model is to be shown of a file: a text, an image, or why there is neither."""
    found = media_type_of(data)
    media_type = found or "application/octet-stream"
    try:
        if found and found.startswith("image/"):
            image, shown_type = images.prepare_image(data, max_dimension)
            return Header("image", shown_type, image is data), b"" if image is data else image
        if found == PDF:
            return Header("text", PDF), _document(documents.read_pdf(data))
        if found == DOCX:
            return Header("text", DOCX), _document(documents.read_docx(data))
        text = None if found else texts.decode(data)
        if text is None:
            raise UserError("it is neither text nor a picture nor a document that I can read")
        return Header("text", "text/plain"), _cut(storable(text)).encode()
    except UserError as error:
        return Header("unreadable", media_type), str(error).encode()
    except MemoryError:
        return Header("unreadable", media_type, fault="MemoryError"), b"it takes too much memory to read"
    except ImportError:
        raise
    except Exception as error:
        return Header(
            "unreadable", media_type, fault=type(error).__name__
        ), b"it is damaged, or not what it seems to be"


def _document(found: documents.Text) -> bytes:
    text = storable(found.text)
    return (text[:SHOWN] + GOES_ON if found.cut else _cut(text)).encode()


def _cut(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    from clara.tools.tool import preview  # loads pydantic, which is most of this process's start

    return preview(text, SHOWN)


def main() -> None:
    limit()
    header, body = read(sys.stdin.buffer.read(), int(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(asdict(header)).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
