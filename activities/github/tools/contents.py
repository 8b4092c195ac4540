"""Files: reading, writing and deleting them, each change a commit.

A change names the version of the file that it is to replace, by which GitHub refuses it if there is another one by
then. Where the model names none, it is that which is there, unless it is newer than what the person has asked for.
"""

import asyncio
import base64
import hashlib
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import Field

from activities.files import texts
from activities.github import looks
from activities.github.arguments import InRepository, Sha
from activities.github.asking import Asking
from activities.github.beforehand import beforehand
from activities.github.client import PER_PAGE, SIZE
from activities.github.faults import Conflict, NotFound
from activities.github.markdown import contents as markdown
from activities.github.markdown.people import login
from activities.github.paths import FilePath, Folder, Ref, quoted
from activities.github.results import others
from activities.tools.tool import Context, File, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.files import media_type_of, size_in_words
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

CONTENT_LIMIT = 1_000_000
"""Characters of a file that is written."""

FOLDER_LIMIT = 1_000
"""GitHub shows so many entries of a folder."""

WORKFLOWS = ".github/workflows/"

COMMITS_LOOKED_AT = 5

Message = Annotated[str, Field(min_length=1, max_length=10_000, description="of the commit")]
Version = Annotated[Sha, Field(description="the version that this replaces, as github_get_file_contents told it")]


class GetContents(InRepository):
    path: Folder = Field("", description="of a file or a folder; the top of the repository if not given")
    ref: Ref | None = Field(None, description="branch, tag or commit; the default branch if not given")


class ChangeFile(InRepository):
    path: FilePath
    message: Message
    branch: Ref | None = Field(None, description="which must be there; the default branch if not given")
    sha: Version | None = None


class WriteFile(ChangeFile):
    content: str = Field(max_length=CONTENT_LIMIT, description="the whole new text of the file")


class _Contents:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def get(self, asked: GetContents, context: Context) -> ToolOutput:
        found = await self._there(asked, context, asked.ref)
        where = f"{asked.path or 'the top'} of {asked.name}" + (f" at {asked.ref}" if asked.ref else "")
        if isinstance(found, list):
            cut = f"\n\nGitHub shows no more than {FOLDER_LIMIT:,} entries." if len(found) >= FOLDER_LIMIT else ""
            return others(where, "\n".join(map(markdown.entry, found)) + cut)
        if found["type"] != "file":
            target = found.get("target") or found.get("submodule_git_url") or "?"
            return others(where, f"{found['path']} is a {found['type']} that leads to {target}.")
        data = await self._bytes(asked, context, found)
        text = await asyncio.to_thread(texts.decode, data)
        head = markdown.file_head(found)
        if text is not None:
            return others(where, f"{head}\n\n{text}")
        media_type = media_type_of(data) or "application/octet-stream"
        told = others(where, f"{head}\n\nIt is no text ({media_type}), so it goes to the person as a file.")
        file = File(PurePosixPath(found["path"]).name, media_type, data)
        return ToolOutput(told.text, files=(file,), source=told.source)

    async def write(self, asked: WriteFile, context: Context) -> str:
        data = asked.content.encode()
        with beforehand():
            replaced = asked.sha or await self._to_replace(asked, context)
        if replaced == version(data) and not asked.sha:
            return f"{asked.path} of {asked.name} has this text already (version {replaced}). Nothing was changed."
        body = {"message": asked.message, "content": base64.b64encode(data).decode()}
        made = await self._change(asked, context, "PUT", body, replaced)
        return _written(asked, made["commit"], version(data), replaced)

    async def was_written(self, asked: WriteFile, context: Context) -> Verdict:
        wanted = version(asked.content.encode())
        return await self._look(asked, context, wanted, lambda commit: _written(asked, commit, wanted, None))

    async def delete(self, asked: ChangeFile, context: Context) -> str:
        with beforehand():
            replaced = asked.sha or await self._to_replace(asked, context)
        if replaced is None:
            raise ToolFailed(f"{asked.name} has no file {asked.path} there, or the account may not see it.")
        return _deleted(
            asked, (await self._change(asked, context, "DELETE", {"message": asked.message}, replaced))["commit"]
        )

    async def was_deleted(self, asked: ChangeFile, context: Context) -> Verdict:
        return await self._look(asked, context, None, lambda commit: _deleted(asked, commit))

    async def _there(self, asked: GetContents | ChangeFile, context: Context, ref: str | None) -> Any:
        query = {"ref": ref} if ref else {}
        return (await self._ask(context, "GET", _address(asked), query=query)).data

    async def _bytes(self, asked: GetContents, context: Context, found: dict[str, Any]) -> bytes:
        if found["size"] > SIZE:
            raise ToolFailed(
                f"The file has {size_in_words(found['size'])}; one of up to {size_in_words(SIZE)} can be read. "
                f"The person can open it: {found['html_url']}"
            )
        if found.get("encoding") == "base64":
            return base64.b64decode(found["content"])
        return await self._ask.raw(context, _address(asked), {"ref": asked.ref} if asked.ref else {})

    async def _to_replace(self, asked: ChangeFile, context: Context) -> str | None:
        """The version that is there; None for a new file. ToolFailed if it is newer than the person's message."""
        try:
            found = await self._there(asked, context, asked.branch)
        except NotFound:
            return None
        if isinstance(found, list) or found["type"] != "file":
            raise ToolFailed(f"{asked.path} of {asked.name} is no file. Give the path of a file.")
        for commit in (await self._commits(asked, context, per_page=1)).data:
            when = datetime.fromisoformat(commit["commit"]["committer"]["date"])
            if when > context.message.sent_at:
                raise ToolFailed(
                    f"{login(commit.get('author'))} has changed {asked.path} since the person has asked for this "
                    f"({commit['html_url']}). Read it again, and give its version as sha."
                )
        return str(found["sha"])

    async def _change(self, asked: ChangeFile, context: Context, method: Any, body: Any, replaced: str | None) -> Any:
        body |= {"branch": asked.branch} if asked.branch else {}
        body |= {"sha": replaced} if replaced else {}
        try:
            return (await self._ask(context, method, _address(asked), body)).data
        except Conflict as error:
            raise ToolFailed(
                f"{error} If {asked.path} was changed meanwhile: read it again, work that change in, and give its "
                "version as sha."
            ) from None

    async def _commits(self, asked: ChangeFile, context: Context, **query: Any) -> Any:
        query |= {"path": asked.path, **({"sha": asked.branch} if asked.branch else {})}
        return await self._ask(context, "GET", f"/repos/{asked.name}/commits", query=query)

    async def _look(self, asked: ChangeFile, context: Context, wanted: str | None, told: looks.Told) -> Verdict:
        """Whether a commit of the call's words has made the file what it should be, whatever came after it."""
        try:
            answer = await self._commits(asked, context, since=looks.just_before(context), per_page=PER_PAGE)
        except (NotFound, Conflict):  # a repository without a commit, or without the branch
            return Verdict("not_done")
        fitting = [each for each in answer.data if each["commit"]["message"].strip() == asked.message.strip()]
        for commit in fitting[:COMMITS_LOOKED_AT]:
            if await self._version(asked, context, commit["sha"]) == wanted:
                return Verdict("done", told(commit))
        return Verdict("unknown" if answer.more or fitting[COMMITS_LOOKED_AT:] else "not_done")

    async def _version(self, asked: ChangeFile, context: Context, commit: str) -> str | None:
        try:
            return str((await self._there(asked, context, commit))["sha"])
        except NotFound:
            return None


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    contents = _Contents(ask)
    return (
        Tool(
            "github_get_file_contents",
            f"Read a file of a GitHub repository, or what is in a folder. Up to {size_in_words(SIZE)}: text is shown, "
            "with its version; anything else goes to the person as a file.",
            GetContents, contents.get, provenance=Provenance.OTHERS, view=_view,
        ),
        Tool(
            "github_create_or_update_file",
            "Write or change a text file in a GitHub repository (repo), such as its README, as one commit. The text "
            "replaces the whole file. To change a file, read it first and give its version as sha.",
            WriteFile, contents.write, effect=Effect.WRITE, risk=Risk.EXECUTE, reaches=_reaches,
            verify=contents.was_written,
            view=lambda asked: f"write {_view(asked)} ({size_in_words(len(asked.content.encode()))}): {asked.message}",
        ),
        Tool(
            "github_delete_file", "Delete a file of a GitHub repository, as one commit.", ChangeFile, contents.delete,
            effect=Effect.WRITE, risk=Risk.OUTWARD, verify=contents.was_deleted,
            view=lambda asked: f"delete {_view(asked)}: {asked.message}",
        ),
    )  # fmt: skip


def version(data: bytes) -> str:
    """What git calls a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _address(asked: GetContents | ChangeFile) -> str:
    return f"/repos/{asked.name}/contents/{quoted(asked.path)}"


def _reaches(asked: WriteFile) -> Risk:
    """A workflow runs with the secrets of its repository."""
    return Risk.EXECUTE if asked.path.lower().startswith(WORKFLOWS) else Risk.OUTWARD


def _view(asked: GetContents | ChangeFile) -> str:
    ref = asked.ref if isinstance(asked, GetContents) else asked.branch
    return f"{asked.path or '/'} of {asked.name}" + (f" on {ref}" if ref else "")


def _written(asked: ChangeFile, commit: dict[str, Any], sha: str, replaced: str | None) -> str:
    instead = f" It replaced version {replaced}." if replaced else ""
    return f"Wrote {asked.path} of {asked.name}: {commit['html_url']} Its version is {sha} now.{instead}"


def _deleted(asked: ChangeFile, commit: dict[str, Any]) -> str:
    return f"Deleted {asked.path} of {asked.name}: {commit['html_url']}"
