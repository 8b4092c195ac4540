"""Wikis: their pages, read and written."""

from typing import Annotated, Any

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import Continued, InProject, Name, Path
from activities.azure.asking import Asking, Place
from activities.azure.client import Answer
from activities.azure.faults import Missing
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.tools.material import written
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

CONTENT_LIMIT = 200_000
"""Characters."""

Version = Annotated[str, Field(max_length=100, pattern='^[A-Za-z0-9/"-]+$')]


class InWiki(InProject):
    wiki: Name = Field(description="name or id")

    @property
    def name(self) -> str:
        return f"{self.where}/{self.wiki}"


class GetPage(InWiki):
    path: Path = Field("/", description="such as /Home/Set up")


class WritePage(InWiki):
    path: Path
    content: str = Field(max_length=CONTENT_LIMIT, description="Markdown; the whole page")
    version: Version | None = Field(
        None, description="to change a page: its version as ado_get_wiki_page shows it. Without it a new page is made"
    )


class ListPages(InWiki, Continued):
    pass


class _Wikis:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_wikis(self, asked: InProject, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = (await place.read("_apis/wiki/wikis")).listed
        lines = [f"- {link(each['name'], str(each.get('remoteUrl') or ''))}{facts(_kind(each))}" for each in found]
        return markdown.listed(f"the wikis of {place.project}", lines)

    async def list_pages(self, asked: ListPages, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        body: dict[str, Any] = {"top": asked.per_page}
        body |= {"continuationToken": asked.after} if asked.after else {}
        answer = await place.read("_apis/wiki/wikis", asked.wiki, "pagesbatch", body=body)
        lines = [f"- {link(each['path'], _address(place, asked.wiki, each['path']))}" for each in answer.listed]
        return markdown.listed(f"the wiki {asked.name}", lines, markdown.continued(answer.after))

    async def get_page(self, asked: GetPage, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        answer = await self._read(place, asked, asked.path)
        content = written(answer.data.get("content"), CONTENT_LIMIT) or "(no text)"
        below = [f"- {markdown.line(each['path'])}" for each in answer.data.get("subPages") or []]
        version = f"version {answer.version}" if answer.version else ""
        lines = [
            link(asked.path, str(answer.data.get("remoteUrl") or "")) + facts(version),
            *(["", "Pages below it:", *below] if below else []),
            "",
            content,
        ]
        return markdown.others(f"{asked.path} of the wiki {asked.name}", "\n".join(lines))

    async def write_page(self, asked: WritePage, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        # Without a version Azure DevOps only makes pages, and refuses where there is one.
        headers = {"if-match": _etag(asked.version)} if asked.version else None
        inside = ("_apis/wiki/wikis", asked.wiki, "pages")
        query = {"path": asked.path}
        made = await place.change("PUT", *inside, query=query, body={"content": asked.content}, headers=headers)
        return _wrote(place, asked, made)

    async def was_written(self, asked: WritePage, context: Context) -> Verdict:
        place = await self._ask.project(context, asked.project)
        try:
            answer = await self._read(place, asked, asked.path)
        except Missing:
            return Verdict("unknown" if asked.version else "not_done")  # one that was there has been deleted since
        if _lines(answer.data.get("content")) == _lines(asked.content):
            return Verdict("done", _wrote(place, asked, answer))
        if asked.version and _etag(answer.version) == _etag(asked.version):
            return Verdict("not_done")
        return Verdict("unknown")  # somebody else has written it, before or since

    async def _read(self, place: Place, asked: InWiki, path: str) -> Answer:
        query = {"path": path, "includeContent": True, "recursionLevel": "oneLevel"}
        return await place.read("_apis/wiki/wikis", asked.wiki, "pages", query=query)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    wikis = _Wikis(ask)
    return (
        Tool(
            "ado_list_wikis", "List the wikis of an Azure DevOps project.", InProject, wikis.list_wikis,
            provenance=Provenance.OTHERS, view=lambda asked: f"the wikis of {asked.where}",
        ),
        Tool(
            "ado_list_wiki_pages", "List the pages of a wiki of Azure DevOps.", ListPages, wikis.list_pages,
            provenance=Provenance.OTHERS, view=lambda asked: f"the pages of {asked.name}",
        ),
        Tool(
            "ado_get_wiki_page",
            "Read a page of a wiki of Azure DevOps, with its version and the pages below it.", GetPage, wikis.get_page,
            provenance=Provenance.OTHERS, view=lambda asked: f"{asked.path} of {asked.name}",
        ),
        Tool(
            "ado_create_or_update_wiki_page",
            "Write a page of a wiki of Azure DevOps: a new one, or a new text of one that was read before. Others see "
            "it.",
            WritePage, wikis.write_page, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=wikis.was_written,
            view=_view_write,
        ),
    )  # fmt: skip


def _view_write(asked: WritePage) -> str:
    return f"{'write' if asked.version else 'make'} {asked.path} of the wiki {asked.name}: {asked.content}"


def _kind(found: dict[str, Any]) -> str:
    return "of the project" if found.get("type") == "projectWiki" else "from a repository"


def _address(place: Place, wiki: str, path: str) -> str:
    return place.link("_wiki", "wikis", wiki, pagePath=path)


def _etag(version: str) -> str:
    return f'"{version.removeprefix("W/").strip(chr(34))}"'


def _lines(text: Any) -> str:
    return str(text or "").replace("\r\n", "\n").strip()


def _wrote(place: Place, asked: WritePage, made: Answer) -> str:
    address = str(made.data.get("remoteUrl") or _address(place, asked.wiki, asked.path))
    did = "Changed" if asked.version else "Made"
    return f"{did} {asked.path}, which has the version {made.version} now: {address}"
