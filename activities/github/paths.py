"""Paths of files and names of branches, as a single part of an address: nothing in them leads to another route."""

import re
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, Field

PATH_LIMIT = 1_000
REF_LIMIT = 255
"""Characters."""

_NO_REF = re.compile(r"\.\.|//|@\{|[\s~^:?*\[\\\x00-\x1f\x7f]|(?:^|/)\.|\.lock(?:/|$)|\.$|/$|^/|^@$|^-")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def quoted(path: str) -> str:
    """With its slashes, as GitHub's own client does it."""
    return quote(path, safe="")


def _path(path: str) -> str:
    """ValueError for what is no path within a repository."""
    checked = path.removesuffix("/")
    if not checked:
        return ""
    if _CONTROL.search(checked) or any(part in ("", ".", "..") for part in checked.split("/")):
        raise ValueError("a path goes from the top of the repository, such as docs/a.md, without . or .. in it")
    return checked


def _file(path: str) -> str:
    if not (checked := _path(path)):
        raise ValueError("say which file")
    return checked


def _ref(name: str) -> str:
    """ValueError for what git takes for no name of a branch, a tag or a commit."""
    if _NO_REF.search(name):
        raise ValueError("git has no branches, tags or commits of such a name")
    return name


Folder = Annotated[str, AfterValidator(_path), Field(max_length=PATH_LIMIT)]
"""Or a file; empty for the top."""
FilePath = Annotated[str, AfterValidator(_file), Field(max_length=PATH_LIMIT, description="such as docs/a.md")]
Ref = Annotated[str, AfterValidator(_ref), Field(min_length=1, max_length=REF_LIMIT)]
