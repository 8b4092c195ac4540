"""Documents: making, reading and adding to them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from activities.google.asking import Asking
from activities.google.ids import FileId
from activities.google.tools.docs import markdown
from activities.google.tools.docs.paragraphs import addition, units
from activities.google.tools.drive import queries
from activities.google.tools.drive.making import (
    MADE,
    SETTLES,
    UPLOAD_TIMEOUT,
    InFolder,
    create,
    place,
    reach,
    told,
    was_made,
)
from activities.google.tools.drive.uploading import Uploads
from activities.google.traces import is_of, is_old, trace
from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.memory.kinds import one_line
from clara.tools.material import between
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

SIZE = 32 * 2**20
"""Bytes of an answer: Docs describes each letter's look."""

TEXT_LIMIT = 100_000
NAMED = "title,revisionId,body.content.endIndex,namedRanges"

Title = Annotated[str, Field(min_length=1, max_length=255)]
Markdown = Annotated[str, Field(max_length=TEXT_LIMIT, description="Markdown: headings, lists, bold, italics, links")]


class Create(InFolder):
    title: Title
    text: Markdown = ""


class Read(Arguments):
    document: FileId

    @property
    def link(self) -> str:
        return f"https://docs.google.com/document/d/{self.document}"


class Write(Read):
    title: Annotated[
        str,
        Field(min_length=1, max_length=1_000, description="the title that it has, so that the person sees which it is"),
    ]
    text: Annotated[Markdown, Field(min_length=1)]


class _Docs:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask
        self._uploads = Uploads(ask)

    async def create(self, asked: Create, context: Context) -> str:
        body: dict[str, Any] = {"name": asked.title, "mimeType": queries.DOCUMENT, "parents": asked.parents}
        if not asked.text.strip():
            return told("Made the document", await create(self._ask, context, body))
        # Drive makes a document of the Markdown, in the same request.
        body |= {"appProperties": queries.properties_of(context.key)}
        data = asked.text.encode("utf-8", "replace")
        return told("Made the document", await self._uploads.create(context, body, data, "text/markdown", MADE))

    async def read(self, asked: Read, context: Context) -> ToolOutput:
        found = await self._ask(
            context,
            "docs",
            lambda docs: docs.documents().get(documentId=asked.document, includeTabsContent=True),
            size=SIZE,
        )
        where = f"the document {asked.document}"
        head = f"[{one_line(str(found.get('title', '')))}]({asked.link})"
        text = markdown.whole(found) or "(It is empty.)"
        return ToolOutput(between("google", where, f"{head}\n\n{text}"), source=where)

    async def write(self, asked: Write, context: Context) -> str:
        found = await self._about(context, asked.document)
        if one_line(str(found.get("title", ""))) != one_line(asked.title):
            raise ToolFailed(
                f"The document {asked.document} is not called {asked.title!r}. Look which one is meant, and call again "
                "with its title."
            )
        end = markdown.end_of(found)
        begin = "\n" if end > 1 else ""  # a new line, unless there is nothing yet
        added = addition(asked.text, end + len(begin))
        if not added.text:
            raise ToolFailed("There is nothing in this text that Docs can hold.")
        inserted = begin + added.text
        named = {"startIndex": end, "endIndex": end + units(inserted[0])}
        requests = [
            {"insertText": {"location": {"index": end}, "text": inserted}},
            # What is inserted looks like what it follows, also as an item of its list.
            {"deleteParagraphBullets": {"range": {"startIndex": end + len(begin), "endIndex": end + units(inserted)}}},
            *added.requests,
            {"createNamedRange": {"name": trace(context.key, context.now), "range": named}},
            *({"deleteNamedRange": {"namedRangeId": id}} for id in _old(found, context)),
        ]
        body: dict[str, Any] = {"requests": requests}
        if found.get("revisionId"):  # which those who may only read are not told
            # What others write meanwhile, Docs puts together with this.
            body["writeControl"] = {"targetRevisionId": found["revisionId"]}
        await self._ask(
            context,
            "docs",
            lambda docs: docs.documents().batchUpdate(documentId=asked.document, body=body, fields="documentId"),
        )
        return _added(asked)

    async def was_written(self, asked: Write, context: Context) -> Verdict:
        found = await self._about(context, asked.document)
        there = any(is_of(name, context.key) for name in found.get("namedRanges", {}))
        return Verdict("done", _added(asked)) if there else Verdict("not_done")

    async def _about(self, context: Context, id: str) -> dict[str, Any]:
        return await self._ask(context, "docs", lambda docs: docs.documents().get(documentId=id, fields=NAMED))


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    docs = _Docs(ask)
    return (
        Tool(
            "google_docs_create", "Make a document in Google Docs, with or without text.", Create, docs.create,
            effect=Effect.WRITE, risk=Risk.OUTWARD, timeout=UPLOAD_TIMEOUT, reaches=reach,
            verify=was_made(ask, "Made the document"), settles_within=SETTLES,
            view=lambda asked: f"make the document {asked.title}{place(asked)}: {asked.text or 'it is empty'}",
        ),
        Tool(
            "google_docs_read", "Read a document of Google Docs as Markdown, with all its tabs.", Read, docs.read,
            provenance=Provenance.OTHERS, view=lambda asked: asked.link,
        ),
        Tool(
            "google_docs_write",
            "Add text to the end of a document in Google Docs, of its first tab. What is there stays.", Write,
            docs.write, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=docs.was_written,
            view=lambda asked: f"add to {one_line(asked.title)} ({asked.link}): {asked.text}",
        ),
    )  # fmt: skip


def _old(found: Mapping[str, Any], context: Context) -> list[str]:
    """Ids of the ranges that earlier additions have left."""
    ranges = found.get("namedRanges", {})
    return [
        each["namedRangeId"]
        for name, named in ranges.items()
        if is_old(name, context.now)
        for each in named.get("namedRanges", ())
    ]


def _added(asked: Write) -> str:
    return f"Added to the document: {asked.link}"
