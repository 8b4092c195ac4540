"""Branches: which there are, and new ones."""

from typing import Annotated, Any

from pydantic import Field

from activities.github.arguments import InRepository, Paged
from activities.github.asking import Asking
from activities.github.beforehand import beforehand
from activities.github.faults import NotFound
from activities.github.markdown.commits import branch_line
from activities.github.paths import Ref, quoted
from activities.github.results import listed
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk


class ListBranches(InRepository, Paged):
    pass


class CreateBranch(InRepository):
    branch: Annotated[Ref, Field(description="the new name")]
    from_ref: Ref | None = Field(None, description="branch, tag or commit; the default branch if not given")


class _Branches:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_branches(self, asked: ListBranches, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"/repos/{asked.name}/branches", query=asked.paging)
        return listed(map(branch_line, answer.data), asked.page, answer.more, f"the branches of {asked.name}")

    async def create(self, asked: CreateBranch, context: Context) -> str:
        with beforehand():
            sha = await self._beginning(asked, context)
        body = {"ref": f"refs/heads/{asked.branch}", "sha": sha}
        made = (await self._ask(context, "POST", f"/repos/{asked.name}/git/refs", body)).data
        return _created(asked, made["object"]["sha"])

    async def was_created(self, asked: CreateBranch, context: Context) -> Verdict:
        path = f"/repos/{asked.name}/git/ref/{quoted(f'heads/{asked.branch}')}"
        try:
            there = (await self._ask(context, "GET", path)).data["object"]["sha"]
        except NotFound:
            return Verdict("not_done")
        if there == await self._beginning(asked, context):
            return Verdict("done", _created(asked, there))
        # Somebody has committed to one of the two meanwhile, or it was there before.
        return Verdict("unknown")

    async def _beginning(self, asked: CreateBranch, context: Context) -> str:
        """The commit that the branch is to begin with."""
        path = f"/repos/{asked.name}/commits/{quoted(asked.from_ref or 'HEAD')}"
        return str((await self._ask(context, "GET", path, query={"per_page": 1})).data["sha"])


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    branches = _Branches(ask)
    return (
        Tool(
            "github_list_branches", "List the branches of a GitHub repository.", ListBranches, branches.list_branches,
            provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_create_branch", "Make a branch in a GitHub repository.", CreateBranch, branches.create,
            effect=Effect.WRITE, risk=Risk.OUTWARD, verify=branches.was_created,
            view=lambda asked: f"make the branch {asked.branch} of {asked.name} from {asked.from_ref or 'the default'}",
        ),
    )  # fmt: skip


def _created(asked: CreateBranch, sha: str) -> str:
    return f"Made the branch {asked.branch} of {asked.name} at {sha}."
