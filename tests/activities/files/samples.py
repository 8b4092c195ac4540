"""Files as people attach them, and as somebody would who means harm."""

import io
import struct
import zipfile
import zlib
from zipfile import ZIP_DEFLATED as DEFLATED

import docx

HELLO = b"BT /F1 24 Tf 10 50 Td (Hello from a PDF) Tj ET"


def pdf(content: bytes = HELLO, kids: str = "3 0 R", extra: bytes = b"") -> bytes:
    """A PDF whose pages are the objects ``kids``, of which number 3 shows ``content``."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[" + kids.encode() + b"]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length " + str(len(content)).encode() + b">>stream\n" + content + b"\nendstream endobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        + extra
        + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    )


def word(*paragraphs: str, table: tuple[str, ...] = ()) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        cells = document.add_table(rows=1, cols=len(table)).rows[0].cells
        for cell, text in zip(cells, table, strict=True):
            cell.text = text
        document.add_paragraph("after the table")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_of_pages_without_number() -> bytes:
    return pdf(kids="3 0 R " * 200_000)


def pdf_of_pages_within_themselves() -> bytes:
    return pdf(kids="6 0 R", extra=b"6 0 obj<</Type/Pages/Parent 2 0 R/Kids[6 0 R]/Count 1>>endobj\n")


def pdf_that_unfolds() -> bytes:
    packed = zlib.compress(bytes(200 * 2**20), 1)
    stream = b"7 0 obj<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n" % (len(packed), packed)
    return pdf(kids="6 0 R", extra=b"6 0 obj<</Type/Page/Parent 2 0 R/Contents 7 0 R>>endobj\n" + stream)


def word_that_unfolds() -> bytes:
    """A Word file of some hundred KiB with 100 MB of text."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word("x"))) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
    ):
        for part in given.infolist():
            data = given.read(part)
            if part.filename == "word/document.xml":
                paragraph = b"<w:p><w:r><w:t>" + b"a" * 1000 + b"</w:t></w:r></w:p>"
                data = data.replace(b"<w:sectPr", paragraph * 100_000 + b"<w:sectPr", 1)
            made.writestr(part.filename, data)
    return out.getvalue()


def word_with_a_huge_part() -> bytes:
    out = io.BytesIO(word("words"))
    with zipfile.ZipFile(out, "a", DEFLATED, compresslevel=1) as made:
        made.writestr("word/media/image1.png", bytes(300 * 2**20))
    return out.getvalue()


def png_that_claims(width: int, height: int, rows: bytes = bytes(1000)) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
