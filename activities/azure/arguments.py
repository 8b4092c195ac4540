"""Kinds of arguments of the tools. What rules check here is no pattern in a schema: each prompt would carry it."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from activities.tools.tool import Arguments

_NOT_IN_NAMES = frozenset('/\\?#%:*<>|"')
_NOT_IN_BRANCHES = frozenset("~^:?*[\\ ")


def one_line(value: str) -> str:
    if any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in value):
        raise ValueError("must be one line, without characters that nobody sees")
    return value


def _name(value: str) -> str:
    """It becomes a part of a path, where it is quoted. A name of dots would lead elsewhere all the same."""
    if not value.strip(". ") or _NOT_IN_NAMES & set(value):
        raise ValueError("must be a name or id alone, without an address or a path")
    return one_line(value)


def _branch(value: str) -> str:
    if value.startswith("/") or _NOT_IN_BRANCHES & set(value):
        raise ValueError("must be the name of a branch, such as main or feature/x")
    return one_line(value.removeprefix("refs/heads/"))


def _rooted(value: str) -> str:
    return one_line(value if value.startswith("/") else f"/{value}")


Line = Annotated[str, AfterValidator(one_line)]
Name = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_name)]
Word = Annotated[Line, Field(min_length=1, max_length=256)]
Branch = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_branch)]
Path = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_rooted)]
Commit = Annotated[str, Field(pattern="^[0-9a-f]{40}$")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Page = Annotated[int, Field(ge=1, le=50)]
PerPage = Annotated[int, Field(ge=1, le=100)]
Token = Annotated[Line, Field(max_length=1000)]


class InProject(Arguments):
    project: Name | None = Field(None, description="name or id; without it the one that the operator has set, if any")

    @property
    def where(self) -> str:
        return self.project or "the project that is set"


class InRepository(InProject):
    repo: Name = Field(description="name or id")

    @property
    def name(self) -> str:
        return f"{self.where}/{self.repo}"


class Paged(Arguments):
    page: Page = 1
    per_page: PerPage = 30

    @property
    def paging(self) -> dict[str, int]:
        return {"$top": self.per_page, "$skip": (self.page - 1) * self.per_page}


class Continued(Arguments):
    """Lists whose next page is asked for by a token that came with the one before."""

    after: Token = Field("", description="the token that the page before gave, for the next page")
    per_page: PerPage = 30

    @property
    def paging(self) -> dict[str, Any]:
        return {"$top": self.per_page, "continuationToken": self.after or None}
