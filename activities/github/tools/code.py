"""Code: searching it, and what files a repository has."""

from typing import Any

from pydantic import Field

from activities.github.arguments import InRepository, Paged
from activities.github.asking import Asking
from activities.github.markdown import code as markdown
from activities.github.markdown.contents import entry
from activities.github.paths import Folder, Ref, quoted
from activities.github.results import listed
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance

MATCHES = "application/vnd.github.text-match+json"

ENTRIES_LIMIT = 5_000
"""Of a tree, that are shown at once."""


class SearchCode(Paged):
    query: str = Field(
        min_length=1,
        max_length=256,
        description="words, and at best where: repo:owner/name, org:name, path:, language:, extension:",
    )


class GetTree(InRepository):
    ref: Ref | None = Field(None, description="branch, tag or commit; the default branch if not given")
    under: Folder = Field("", description="only what is below this folder")
    recursive: bool = Field(True, description="with what is in folders")


class _Code:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def search(self, asked: SearchCode, context: Context) -> ToolOutput:
        query = {"q": asked.query, **asked.paging}
        answer = await self._ask(context, "GET", "/search/code", query=query, accept=MATCHES)
        lines = map(markdown.match, answer.data["items"])
        output = listed(lines, asked.page, answer.more, "a search in code")
        if not answer.data.get("incomplete_results"):
            return output
        cut = "GitHub did not search everything in time. Narrow it, such as by repo:owner/name."
        return ToolOutput(f"{output.text}\n\n{cut}", provenance=output.provenance, source=output.source)

    async def get_tree(self, asked: GetTree, context: Context) -> ToolOutput:
        within = bool(asked.under) or asked.recursive
        path = f"/repos/{asked.name}/git/trees/{quoted(asked.ref or 'HEAD')}"
        found = (await self._ask(context, "GET", path, query={"recursive": "1"} if within else {})).data
        entries = [each for each in found["tree"] if _fits(asked, each["path"])]
        shown = [*map(entry, entries[:ENTRIES_LIMIT])]
        if len(entries) > ENTRIES_LIMIT:
            shown.append(f"\n{len(entries) - ENTRIES_LIMIT:,} more are not shown. Narrow it by under.")
        if found["truncated"]:
            shown.append("\nGitHub has cut this list. Read single folders by github_get_file_contents.")
        return listed(shown, 1, False, f"the files of {asked.name}")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    code = _Code(ask)
    return (
        Tool(
            "github_search_code",
            "Search code on GitHub, in default branches. GitHub allows ten such searches a minute.", SearchCode,
            code.search, provenance=Provenance.OTHERS, view=lambda asked: asked.query,
        ),
        Tool(
            "github_get_repository_tree", "List all files of a GitHub repository, or those below a folder.", GetTree,
            code.get_tree, provenance=Provenance.OTHERS,
            view=lambda asked: f"{asked.under or '/'} of {asked.name}",
        ),
    )  # fmt: skip


def _fits(asked: GetTree, path: str) -> bool:
    if not asked.under:
        return True
    rest = path.removeprefix(f"{asked.under}/")
    return rest != path and (asked.recursive or "/" not in rest)
