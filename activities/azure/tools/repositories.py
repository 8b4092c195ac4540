"""Git repositories: what there is, branches, commits and files."""

from typing import Any

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import Branch, Commit, Continued, InProject, InRepository, Line, Paged, Path
from activities.azure.asking import Asking, Place, before_any_change
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.files import size_in_words
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from clara.web import visible

FILE_LIMIT = 500_000
"""Characters of a file that are shown."""

ENTRIES_LIMIT = 500
NOTHING = "0" * 40
"""The commit of a branch that is not there."""


class ListBranches(InRepository, Continued):
    contains: Line = Field("", max_length=100, description="a part of the branch's name")


class CreateBranch(InRepository):
    branch: Branch
    source: Branch | None = Field(None, description="the branch that it begins at; without it the default branch")
    commit: Commit | None = Field(None, description="the commit that it begins at, in place of a branch's last one")


class ListCommits(InRepository, Paged):
    branch: Branch | None = Field(None, description="without it the default branch")
    path: Path | None = Field(None, description="only those that changed this file or folder")
    author: Line = Field("", max_length=200, description="name or mail address")


class GetFile(InRepository):
    path: Path = Field("/", description="a file, or a folder to list")
    branch: Branch | None = Field(None, description="without it the default branch")
    commit: Commit | None = Field(None, description="as it was in this commit, in place of a branch")


class _Repositories:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_repos(self, asked: InProject, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = (await place.read("_apis/git/repositories")).listed
        return markdown.listed(f"the repositories of {place.project}", [f"- {_repository(each)}" for each in found])

    async def get_repo(self, asked: InRepository, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = (await place.read("_apis/git/repositories", asked.repo)).data
        lines = [_repository(found), f"Clone: {markdown.line(found.get('remoteUrl'))}"]
        if parent := found.get("parentRepository"):
            lines.append(f"Fork of {markdown.line(parent.get('name'))}")
        return markdown.others(f"the repository {asked.name}", "\n".join(lines))

    async def list_branches(self, asked: ListBranches, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        query = {"filter": "heads/", "filterContains": asked.contains or None, **asked.paging}
        answer = await place.read("_apis/git/repositories", asked.repo, "refs", query=query)
        lines = [
            f"- {link(markdown.branch(each['name']), _at(place, asked.repo, markdown.branch(each['name'])))}"
            + facts(each["objectId"][:8], f"by {markdown.person(each.get('creator'))}")
            for each in answer.listed
        ]
        return markdown.listed(f"the branches of {asked.name}", lines, markdown.continued(answer.after))

    async def create_branch(self, asked: CreateBranch, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        with before_any_change():
            commit = asked.commit or await self._head(place, asked.repo, asked.source)
        if commit is None:
            raise ToolFailed("There is no such branch to begin at. ado_list_branches shows them.")
        body = [{"name": f"refs/heads/{asked.branch}", "oldObjectId": NOTHING, "newObjectId": commit}]
        answer = await place.change("POST", "_apis/git/repositories", asked.repo, "refs", body=body)
        (made,) = answer.listed
        if not made.get("success"):  # which it says with status 200
            raise ToolFailed(f"The branch was not made: {_why(made)}")
        return _created(place, asked, commit)

    async def was_branch_created(self, asked: CreateBranch, context: Context) -> Verdict:
        place = await self._ask.project(context, asked.project)
        there = await self._head(place, asked.repo, asked.branch)
        if there is None:
            return Verdict("not_done")
        if there == (asked.commit or await self._head(place, asked.repo, asked.source)):
            return Verdict("done", _created(place, asked, there))
        return Verdict("unknown")  # somebody was there before or since, here or at its beginning

    async def list_commits(self, asked: ListCommits, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        chosen = {
            "itemVersion.version": asked.branch,
            "itemVersion.versionType": "branch" if asked.branch else None,
            "itemPath": asked.path,
            "author": asked.author or None,
            "$top": asked.per_page,
            "$skip": (asked.page - 1) * asked.per_page,
        }
        query = {f"searchCriteria.{name}": value for name, value in chosen.items()}
        answer = await place.read("_apis/git/repositories", asked.repo, "commits", query=query)
        found = answer.listed
        lines = [
            f"- {link(each['commitId'][:8], place.link('_git', asked.repo, 'commit', each['commitId']))} "
            f"{markdown.line(each.get('comment'))}"
            + facts(markdown.person(each.get("author")), markdown.minute((each.get("author") or {}).get("date")))
            for each in found
        ]
        more = markdown.next_page(asked.page, len(found) == asked.per_page)
        return markdown.listed(f"the commits of {asked.name}", lines, more)

    async def get_file(self, asked: GetFile, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        version = {
            "versionDescriptor.version": asked.commit or asked.branch,
            "versionDescriptor.versionType": "commit" if asked.commit else "branch" if asked.branch else None,
        }
        query = {"path": asked.path, "includeContent": True, "includeContentMetadata": True, "$format": "json"}
        found = (await place.read("_apis/git/repositories", asked.repo, "items", query=query | version)).data
        where = f"{asked.path} in {asked.name}"
        if found.get("isFolder") or found.get("gitObjectType") == "tree":
            query = {"scopePath": asked.path, "recursionLevel": "oneLevel", **version}
            entries = (await place.read("_apis/git/repositories", asked.repo, "items", query=query)).listed
            return _folder(where, asked.path, entries)
        if (found.get("contentMetadata") or {}).get("isBinary"):
            return ToolOutput(f"{where} is no text.", provenance=Provenance.CLARA)
        if found.get("content") is None:
            return ToolOutput(f"{where} is too large for Azure DevOps to show.", provenance=Provenance.CLARA)
        return markdown.others(where, _cut(found["content"]))

    async def _head(self, place: Place, repo: str, branch: str | None) -> str | None:
        """The last commit of a branch, or of the default one; None if there is none."""
        if branch is None:
            default = (await place.read("_apis/git/repositories", repo)).data.get("defaultBranch")
            if default is None:
                return None
            branch = markdown.branch(default)
        answer = await place.read("_apis/git/repositories", repo, "refs", query={"filter": f"heads/{branch}"})
        ref = f"refs/heads/{branch}"  # the filter finds all that begin like it
        return next((str(each["objectId"]) for each in answer.listed if each["name"] == ref), None)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    repositories = _Repositories(ask)
    return (
        Tool(
            "ado_list_repos", "List the Git repositories of an Azure DevOps project.", InProject,
            repositories.list_repos, provenance=Provenance.OTHERS, view=lambda asked: asked.where,
        ),
        Tool(
            "ado_get_repo", "Read what a Git repository of Azure DevOps is: its default branch, size and address.",
            InRepository, repositories.get_repo, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "ado_list_branches", "List the branches of a repository of Azure DevOps, with their last commits.",
            ListBranches, repositories.list_branches,
            provenance=Provenance.OTHERS, view=lambda asked: f"the branches of {asked.name}",
        ),
        Tool(
            "ado_create_branch", "Make a branch in a repository of Azure DevOps. Others see it.", CreateBranch,
            repositories.create_branch,
            effect=Effect.WRITE, risk=Risk.OUTWARD, verify=repositories.was_branch_created, view=_view_branch,
        ),
        Tool(
            "ado_list_commits", "List the commits of a branch of Azure DevOps, newest first.", ListCommits,
            repositories.list_commits,
            provenance=Provenance.OTHERS, view=lambda asked: f"the commits of {asked.name}",
        ),
        Tool(
            "ado_get_file_contents", "Read a text file of a repository of Azure DevOps, or list a folder.", GetFile,
            repositories.get_file, provenance=Provenance.OTHERS, view=lambda asked: f"{asked.path} in {asked.name}",
        ),
    )  # fmt: skip


def _view_branch(asked: CreateBranch) -> str:
    begin = asked.commit or asked.source or "the default branch"
    return f"make the branch {asked.branch} in {asked.name}, from {begin}"


def _repository(found: dict[str, Any]) -> str:
    default = f"default branch {markdown.branch(found['defaultBranch'])}" if found.get("defaultBranch") else "empty"
    size = size_in_words(found["size"]) if found.get("size") else ""
    return link(found["name"], str(found.get("webUrl") or "")) + facts(
        default, size, "disabled" if found.get("isDisabled") else ""
    )


def _at(place: Place, repo: str, branch: str) -> str:
    return place.link("_git", repo, version=f"GB{branch}")


def _created(place: Place, asked: CreateBranch, commit: str) -> str:
    return f"Made the branch {asked.branch} at {commit[:8]}: {_at(place, asked.repo, asked.branch)}"


def _why(made: dict[str, Any]) -> str:
    reasons = {
        "staleOldObjectId": "there is one of that name already.",
        "refNameConflict": "its name conflicts with that of another.",
        "unresolvableToCommit": "the commit that it was to begin at is not there.",
        "createBranchPermissionRequired": "the account may not make branches.",
        "invalidRefName": "no branch can have that name.",
    }
    status = str(made.get("updateStatus"))
    return reasons.get(status, f"Azure DevOps says {markdown.line(made.get('customMessage') or status)}.")


def _folder(where: str, path: str, entries: list[dict[str, Any]]) -> ToolOutput:
    inside = [each for each in entries if each["path"].strip("/") != path.strip("/")]
    lines = [
        f"- {markdown.line(each['path'])}{'/' if each.get('isFolder') or each.get('gitObjectType') == 'tree' else ''}"
        for each in inside[:ENTRIES_LIMIT]
    ]
    more = f"{len(inside) - ENTRIES_LIMIT} more are not shown." if len(inside) > ENTRIES_LIMIT else ""
    return markdown.listed(where, lines, more)


def _cut(content: str) -> str:
    """A file as it is: what looks like a comment is a part of it."""
    content, _ = visible(content)
    if len(content) <= FILE_LIMIT:
        return content
    return f"{content[:FILE_LIMIT]}\n[cut: {len(content) - FILE_LIMIT:,} more characters]"
