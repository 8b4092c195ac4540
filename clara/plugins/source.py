"""What people name when they install a plugin, as they type it."""

import re
import shlex
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from clara.errors import UserError
from clara.messages import Value
from clara.plugins.plugin import Kind

LONGEST = 1_000
LONGEST_NAME = 32
"""Tools are called NAME__TOOL, and models take 64 characters for both."""

FORMS = (
    "an npm package (@modelcontextprotocol/server-everything), a GitHub repository (github.com/OWNER/REPOSITORY), "
    "smithery:NAME, smithery-hosted:@OWNER/NAME, or the address of a server (https://example.org/mcp)"
)

_NPM = re.compile(
    r"(?P<package>(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*)(@(?P<version>[A-Za-z0-9^~][A-Za-z0-9._+^~-]*))?"
)
_LONGEST_PACKAGE = 214
_GITHUB = re.compile(
    r"(?:https?://)?(?:www\.)?github\.com/(?P<owner>[A-Za-z0-9-]{1,39})/(?P<repository>[A-Za-z0-9._-]{1,100})"
    r"(?P<rest>(?:/[^@\s]*)?)(?:@(?P<ref>[A-Za-z0-9._/-]{1,200}))?",
    re.IGNORECASE,
)
_SMITHERY = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_SECRET = ("key", "token", "secret", "password", "credential")
"""In the name of a parameter of an address."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Source(Value):
    """Where a plugin comes from. Which of the fields are given depends on ``kind``."""

    kind: Kind
    package: str = Field("", description="of npm, or the name in Smithery's registry")
    version: str = Field("", description="of npm, as asked for: a version, a range or a tag; empty for the newest")
    owner: str = Field("", description="of a repository")
    repository: str = ""
    ref: str = Field("", description="a branch, tag or commit; empty for the default branch")
    folder: str = Field("", description="in a repository, without slashes at its ends")
    url: str = Field("", description="of the MCP endpoint")
    arguments: tuple[str, ...] = Field((), description="for a server that is run here; of a command, all of it")

    @property
    def is_run_here(self) -> bool:
        """Whether it may become a process of this machine; one of Smithery may."""
        return self.kind not in ("http", "smithery-hosted")


def parse(text: str) -> Source:
    """What somebody typed: a source, and after it arguments for the server. UserError says what is wrong with it."""
    if len(text) > LONGEST or not text.isprintable():
        raise UserError("That names no plugin. Name " + FORMS + ".")
    try:
        words = shlex.split(text)
    except ValueError:
        raise UserError("A quotation mark is open in that line; please close it.") from None
    if not words:
        raise UserError("Which plugin? Name " + FORMS + ".")
    first, arguments = words[0], tuple(words[1:])
    source = _named(first, arguments)
    if arguments and not source.is_run_here:
        raise UserError(f"A server at an address takes no arguments, so {arguments[0]!r} cannot be passed on.")
    return source


def _named(first: str, arguments: tuple[str, ...]) -> Source:
    prefix, colon, rest = first.partition(":")
    match prefix.lower() if colon else "":
        case "smithery" | "smithery-hosted" as kind:
            if not _SMITHERY.fullmatch(rest):
                raise UserError(f"After {kind}: comes the name that Smithery has for it, as in {kind}:exa.")
            if kind == "smithery":
                return Source(kind="smithery", package=rest, arguments=arguments)
            return Source(kind="smithery-hosted", package=rest)
        case "npm":
            return _npm(rest, arguments)
        case "command":
            command = tuple(word for word in (rest, *arguments) if word)
            if not command:
                raise UserError("After command: comes the program and its arguments.")
            return Source(kind="command", arguments=command)
        case "http" | "https" if _GITHUB.fullmatch(first) is None:
            return _address(first)
    if found := _GITHUB.fullmatch(first):
        return _github(found, arguments)
    return _npm(first, arguments)


def _npm(text: str, arguments: tuple[str, ...]) -> Source:
    found = _NPM.fullmatch(text)
    if found is None or len(found["package"]) > _LONGEST_PACKAGE:
        raise UserError(f"{text[:100]!r} names no plugin. Name {FORMS}.")
    return Source(kind="npm", package=found["package"], version=found["version"] or "", arguments=arguments)


def _github(found: "re.Match[str]", arguments: tuple[str, ...]) -> Source:
    repository = found["repository"].removesuffix(".git")
    ref, parts = found["ref"] or "", [part for part in found["rest"].split("/") if part]
    if parts[:1] in (["tree"], ["blob"]):  # as a browser shows the address of a folder
        if ref or len(parts) < 2:
            raise UserError("Name a folder of a repository as in github.com/OWNER/REPOSITORY/FOLDER@BRANCH.")
        ref, parts = parts[1], parts[2:]
    if repository in ("", ".", "..") or ".." in parts or "." in parts:
        raise UserError("That is no folder of a repository. Name one as in github.com/OWNER/REPOSITORY/FOLDER.")
    return Source(
        kind="github", owner=found["owner"], repository=repository, ref=ref, folder="/".join(parts), arguments=arguments
    )


def _address(text: str) -> Source:
    try:
        parts = urlsplit(text)
        port_exists = parts.port != 0
    except ValueError:
        port_exists = False
    if not port_exists or not parts.hostname:
        raise UserError("That is no address of a server. It looks like https://example.org/mcp.")
    if parts.username is not None or parts.password is not None:
        raise UserError("An address must hold no name and no password: they would be shown. Set them as a header.")
    if any(word in name.lower() for name, _ in parse_qsl(parts.query) for word in _SECRET):
        raise UserError("An address must hold no key: it would be shown. Set it as a header after the installation.")
    if parts.fragment:
        raise UserError("An address of a server has no part after #.")
    return Source(kind="http", url=text)


def default_name(source: Source) -> str:
    """What a plugin is called if nobody says otherwise: ``everything`` for @modelcontextprotocol/server-everything."""
    match source.kind:
        case "github":
            words = source.folder.rpartition("/")[2] or source.repository
        case "http":
            host = urlsplit(source.url).hostname or ""
            words = "-".join(part for part in host.split(".")[:-1] if part not in ("www", "mcp", "api")) or host
        case "command":
            words = source.arguments[0].rpartition("/")[2]
        case _:
            words = source.package.rpartition("/")[2]
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    for affix in ("mcp-server-", "server-mcp-", "server-", "mcp-"):
        plain = plain.removeprefix(affix) or plain
    for affix in ("-mcp-server", "-server-mcp", "-server", "-mcp"):
        plain = plain.removesuffix(affix) or plain
    return plain[:LONGEST_NAME].strip("-") or "plugin"


def checked_name(name: str) -> str:
    """A name that somebody gave, in small letters; UserError where a plugin cannot have it."""
    small = name.strip().lower()
    if len(small) > LONGEST_NAME or not _NAME.fullmatch(small):
        raise UserError(
            f"A plugin's name has small letters, digits and single hyphens, {LONGEST_NAME} at most, as in my-notes."
        )
    return small
