"""Gists: snippets that stand alone. A secret one is not listed, but whoever has its address reads it."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from activities.github import looks
from activities.github.arguments import Login, Paged
from activities.github.asking import Asking
from activities.github.client import PER_PAGE
from activities.github.faults import NotFound
from activities.github.markdown import gists as markdown
from activities.github.results import listed, others
from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

FILES_LIMIT = 20
CONTENT_LIMIT = 200_000
"""Characters of a file."""

FileName = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f\x7f]+$", max_length=255)]
Description = Annotated[str, Field(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]


class GistFile(Arguments):
    name: FileName
    content: str = Field(pattern=r"\S", max_length=CONTENT_LIMIT, description="the whole text")


def _named_once(files: list[GistFile]) -> list[GistFile]:
    """ValueError if one of two files would be lost."""
    if len({each.name for each in files}) < len(files):
        raise ValueError("each file needs a name of its own")
    return files


Files = Annotated[list[GistFile], AfterValidator(_named_once)]


class ListGists(Paged):
    user: Login | None = Field(None, description="whose public ones; the account's own if not given")


class OneGist(Arguments):
    gist_id: Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$", description="the last part of its address")]


class CreateGist(Arguments):
    files: Files = Field(min_length=1, max_length=FILES_LIMIT)
    description: Description = ""
    public: bool = Field(False, description="whether it is listed; whoever has the address reads it in any case")


class UpdateGist(OneGist):
    description: Description | None = None
    files: Files = Field([], max_length=FILES_LIMIT, description="new ones, and those that are written anew")
    delete_files: list[FileName] = Field([], max_length=FILES_LIMIT)


class _Gists:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_gists(self, asked: ListGists, context: Context) -> ToolOutput:
        path = f"/users/{asked.user}/gists" if asked.user else "/gists"
        answer = await self._ask(context, "GET", path, query=asked.paging)
        where = f"the gists of @{asked.user}" if asked.user else "the account's gists"
        return listed(map(markdown.gist_line, answer.data), asked.page, answer.more, where)

    async def get_gist(self, asked: OneGist, context: Context) -> ToolOutput:
        return others(f"gist {asked.gist_id}", markdown.gist(await self._get(asked.gist_id, context)))

    async def create(self, asked: CreateGist, context: Context) -> str:
        body = {
            "description": asked.description,
            "public": asked.public,
            "files": {each.name: {"content": each.content} for each in asked.files},
        }
        return _created((await self._ask(context, "POST", "/gists", body)).data)

    async def was_created(self, asked: CreateGist, context: Context) -> Verdict:
        # A mark would be seen, in the description as in the files. So it is known by all that it holds.
        begin = looks.just_before(context)
        for page in range(1, looks.LOOKED_AT_PAGES + 1):
            query = {"since": begin, "page": page, "per_page": PER_PAGE}
            answer = await self._ask(context, "GET", "/gists", query=query)
            for each in answer.data:
                if each["created_at"] >= begin and _resembles(each, asked):
                    found = await self._get(each["id"], context)
                    if _holds(found, asked):
                        return Verdict("done", _created(found))
            if not answer.more:
                return Verdict("not_done")
        return Verdict("unknown")

    async def update(self, asked: UpdateGist, context: Context) -> str:
        files: dict[str, Any] = {each.name: {"content": each.content} for each in asked.files}
        if asked.delete_files:
            there = (await self._get(asked.gist_id, context))["files"]
            files |= {name: None for name in asked.delete_files if name in there}  # not one that is gone already
        body: dict[str, Any] = {"files": files} if files else {}
        if asked.description is not None:
            body["description"] = asked.description
        if not body:
            raise ToolFailed("Say what is to change: description, files or delete_files, by names that are there.")
        found = (await self._ask(context, "PATCH", f"/gists/{asked.gist_id}", body)).data
        return f"Changed gist {found['id']}: {found['html_url']}"

    async def delete(self, asked: OneGist, context: Context) -> str:
        await self._ask(context, "DELETE", f"/gists/{asked.gist_id}")
        return _deleted(asked)

    async def was_deleted(self, asked: OneGist, context: Context) -> Verdict:
        try:
            await self._get(asked.gist_id, context)
        except NotFound:
            return Verdict("done", _deleted(asked))
        return Verdict("not_done")

    async def _get(self, gist_id: str, context: Context) -> dict[str, Any]:
        found: dict[str, Any] = (await self._ask(context, "GET", f"/gists/{gist_id}")).data
        return found


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    gists = _Gists(ask)
    return (
        Tool(
            "github_list_gists", "List the account's gists on GitHub, or somebody's public ones.", ListGists,
            gists.list_gists, provenance=Provenance.OTHERS, view=lambda asked: f"of {asked.user or 'the account'}",
        ),
        Tool(
            "github_get_gist", "Read a gist of GitHub, with its files.", OneGist, gists.get_gist,
            provenance=Provenance.OTHERS, view=lambda asked: asked.gist_id,
        ),
        Tool(
            "github_create_gist", "Make a gist on GitHub, secret unless told otherwise.", CreateGist, gists.create,
            effect=Effect.WRITE, risk=Risk.OUTWARD, verify=gists.was_created, view=_view_creation,
        ),
        Tool(
            "github_update_gist", "Change a gist: its description, or its files. What is not given stays.", UpdateGist,
            gists.update, effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=_view_update,
        ),
        Tool(
            "github_delete_gist", "Delete a gist for good.", OneGist, gists.delete, effect=Effect.WRITE,
            risk=Risk.OUTWARD, verify=gists.was_deleted, view=lambda asked: f"delete gist {asked.gist_id}",
        ),
    )  # fmt: skip


def _resembles(found: dict[str, Any], asked: CreateGist) -> bool:
    """As far as a list tells."""
    described = (found.get("description") or "").strip() == asked.description.strip()
    return described and found["public"] == asked.public and set(found["files"]) == {each.name for each in asked.files}


def _holds(found: dict[str, Any], asked: CreateGist) -> bool:
    """Whether its files are those of the call, as far as GitHub shows long ones."""
    there = found["files"]
    return all(
        each.content.startswith(there[each.name]["content"])
        if there[each.name].get("truncated")
        else each.content == there[each.name]["content"]
        for each in asked.files
    )


def _view_creation(asked: CreateGist) -> str:
    kind, names = "PUBLIC" if asked.public else "secret", ", ".join(each.name for each in asked.files)
    return f"make a {kind} gist of {names}" + (f": {asked.description}" if asked.description else "")


def _view_update(asked: UpdateGist) -> str:
    changes = [f"write {each.name}" for each in asked.files] + [f"delete {name}" for name in asked.delete_files]
    changes += [f"description: {asked.description}"] if asked.description is not None else []
    return f"change gist {asked.gist_id}: {'; '.join(changes)}"


def _created(found: dict[str, Any]) -> str:
    return f"Made the {'public' if found['public'] else 'secret'} gist {found['id']}: {found['html_url']}"


def _deleted(asked: OneGist) -> str:
    return f"Deleted gist {asked.gist_id}."
