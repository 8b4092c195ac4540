"""``fetch_page``: one page or document of the web, as text."""

import asyncio
import json
import logging
import re
from datetime import timedelta

from pydantic import Field

from activities.files import process
from activities.http.client import Client, Limits, Response
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from activities.web.header import Header
from clara.errors import ToolFailed, Unavailable
from clara.files import size_in_words
from clara.tools.provenance import Provenance
from clara.web import Page, brief, page, site

log = logging.getLogger(__name__)

NAME = "fetch_page"
WHO = "The page"
LIMITS = Limits(total_s=25, size=10 * 2**20)
TIMEOUT = timedelta(seconds=75)
"""For fetching and reading, which takes 20 s of CPU time at most; the machine may have other things to do."""

AT_ONCE = 2
"""Pages that are read at the same time; each may take 1 GiB of memory."""

_HEADERS = {
    "accept": "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, application/pdf;q=0.9, */*;q=0.5"
}
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{2,40})", re.IGNORECASE)

_REFUSALS = {
    401: "asks for a login",
    402: "asks for money",
    403: "does not let programs read it, or asks for a login",
    404: "does not exist",
    407: "asks for a login",
    410: "does not exist any more",
    451: "may not be shown, for legal reasons",
}


class FetchPage(Arguments):
    url: str = Field(min_length=1, max_length=2_000, description="https address of one page, PDF or text")


class Pages:
    """Reads pages with ``client``, whose limits and addresses count."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, arguments: FetchPage, context: Context) -> ToolOutput:
        url = arguments.url.strip()
        answer = await self._client.request("GET", url, headers=_HEADERS)
        if answer.status in _REFUSALS:
            raise ToolFailed(f"The page {_REFUSALS[answer.status]} (status {answer.status}).")
        answer.check()
        header, text = await self._read(answer)
        if header.fault:
            log.info("a page of %s could not be read: %s", site(answer.url), header.fault)
        moved = [f"It was found by way of {url}."] if site(url) != site(answer.url) else []
        if header.why_empty or not text.strip():
            what = header.why_empty or _told(header.what, len(answer.body))
            return ToolOutput("\n".join([f"Address: {answer.url}", *moved, what]), provenance=Provenance.CLARA)
        remarks = [*moved, *header.remarks]
        found = Page(answer.url, text, header.title, header.author, header.date, remarks, header.hidden)
        return ToolOutput(page(found), source=f"the page {brief(answer.url)}")

    async def _read(self, answer: Response) -> tuple[Header, str]:
        if not answer.body:
            return Header("", why_empty="It is empty."), ""
        charset = _CHARSET.search(answer.headers.get("content-type", ""))
        arguments = [answer.url, charset[1] if charset else ""]
        try:
            async with self._reading:
                output = await process.output_of("activities.web.child", arguments, answer.body)
        except process.Unreadable as error:
            raise ToolFailed(f"The page cannot be read: {error}.") from None
        except process.Interrupted:
            raise Unavailable("reading the page failed just now", kind="interrupted") from None
        line, _, text = output.partition(b"\n")
        return Header(**json.loads(line)), text.decode()


def _told(what: str, size: int) -> str:
    """What something is that has no text to be read."""
    kind, _, name = what.partition("/")
    named = {"image": f"a picture ({name})", "video": f"a video ({name})", "audio": f"a sound ({name})"}.get(kind, what)
    return f"It is {named}, {size_in_words(size)}. Only pages, texts, PDF and Word files can be read here."


def tool(client: Client) -> Tool[FetchPage]:
    return Tool(
        name=NAME,
        description="Read one page of the web, as Markdown with its links. Runs no JavaScript and logs in nowhere.",
        arguments=FetchPage,
        run=Pages(client).fetch,
        timeout=TIMEOUT,
        view=lambda asked: asked.url,
        provenance=Provenance.OTHERS,
        sends=lambda asked: (asked.url,),
    )
