"""Releases and tags."""

from typing import Any

from activities.github.arguments import InRepository, Paged
from activities.github.asking import Asking
from activities.github.markdown import releases as markdown
from activities.github.results import listed, others
from activities.tools.tool import Context, Tool, ToolOutput
from clara.tools.provenance import Provenance


class InRepositoryPaged(InRepository, Paged):
    pass


class _Releases:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_releases(self, asked: InRepositoryPaged, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/releases", query=asked.paging)
        return listed(map(markdown.in_list, answer.data), asked.page, answer.more, f"the releases of {asked.name}")

    async def get_latest(self, asked: InRepository, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/releases/latest")
        return others(f"the latest release of {asked.name}", markdown.release(answer.data))

    async def list_tags(self, asked: InRepositoryPaged, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/tags", query=asked.paging)
        return listed(map(markdown.tag_line, answer.data), asked.page, answer.more, f"the tags of {asked.name}")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    releases = _Releases(ask)
    return (
        Tool(
            "github_list_releases", "List the releases of a GitHub repository, newest first, with their notes.",
            InRepositoryPaged, releases.list_releases, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_get_latest_release",
            "Read the latest release of a GitHub repository that is no draft or prerelease: its notes and files.",
            InRepository, releases.get_latest, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_list_tags", "List the tags of a GitHub repository.", InRepositoryPaged, releases.list_tags,
            provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
    )  # fmt: skip
