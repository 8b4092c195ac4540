"""``python -m activities.web.child ADDRESS CHARSET``: an answer of the web from standard input, its text to output.

In a process of its own, as attached files are read in one: whoever made a page can make it so that reading it takes
all memory and time there is. The answer is a line of JSON, which is a Header, and the text.
"""

import json
import re
import sys
from dataclasses import asdict

from activities.files import documents
from activities.files.limits import limit
from activities.web import html
from activities.web.decoding import decode
from activities.web.header import Header
from clara.errors import UserError
from clara.files import DOCX, PDF, media_type_of

_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|div|p|table)\b", re.I | re.S
)
_ANY_TAG = re.compile(r"<(html|body|head|div|p|a|br|table|span|script)\b", re.I)
_BEGINNING = 4096


def read(data: bytes, address: str, charset: str) -> tuple[Header, str]:
    """The text of what came from an address, or why there is none."""
    found = media_type_of(data) or ""
    try:
        if found in (PDF, DOCX):
            return _document(found, data)
        text = None if found else decode(data, charset)
        if text is None:
            return Header(found or "application/octet-stream"), ""
        if not (_HTML.match(text[:_BEGINNING]) or _ANY_TAG.search(text[:_BEGINNING])):
            why = "" if text.strip() else "It is empty."
            return Header("text/plain", why_empty=why), text
        page = html.read(text, address)
        header = Header(
            "text/html", page.title, page.author, page.date, tuple(page.remarks), page.why_empty, page.hidden
        )
        return header, page.text
    except MemoryError:
        return Header(found, why_empty="It takes too much memory to read.", fault="MemoryError"), ""
    except ImportError:
        raise
    except Exception as error:
        return Header(found, why_empty="It is damaged, or not what it seems to be.", fault=type(error).__name__), ""


def _document(what: str, data: bytes) -> tuple[Header, str]:
    try:
        found = documents.read_pdf(data) if what == PDF else documents.read_docx(data)
    except UserError as error:
        reason = str(error)
        return Header(what, why_empty=f"{reason[0].upper()}{reason[1:]}."), ""
    remarks = ("The document goes on; it was read up to where this ends.",) if found.cut else ()
    return Header(what, remarks=remarks), found.text


def output(data: bytes, address: str, charset: str) -> bytes:
    """What this process writes."""
    header, text = read(data, address, charset)
    return json.dumps(asdict(header)).encode() + b"\n" + text.encode("utf-8", "replace")


def main() -> None:
    limit()
    sys.stdout.buffer.write(output(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2]))


if __name__ == "__main__":
    main()
