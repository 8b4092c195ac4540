"""What the tools are given, with GitHub's own limits."""

from typing import Annotated

from pydantic import Field

from activities.tools.tool import Arguments

TITLE_LIMIT = 256
BODY_LIMIT = 60_000
"""Characters. GitHub takes 65,536 of a body; the mark needs some."""

# They become parts of a path, so neither a slash nor a name of dots fits.
Owner = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100, description="user or organization")
]
Repo = Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$", max_length=100, description="name alone")]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Page = Annotated[int, Field(ge=1, le=100)]
PerPage = Annotated[int, Field(ge=1, le=100)]

Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=100)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT)]
Body = Annotated[str, Field(max_length=BODY_LIMIT)]
Branch = Annotated[str, Field(pattern=r"^[^\s~^:?*\[\\\x00-\x1f\x7f]+$", max_length=255)]
Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$", description="of a commit, whole")]


class InRepository(Arguments):
    owner: Owner
    repo: Repo

    @property
    def name(self) -> str:
        return f"{self.owner}/{self.repo}"


class Paged(Arguments):
    page: Page = 1
    per_page: PerPage = 30

    @property
    def paging(self) -> dict[str, int]:
        return {"page": self.page, "per_page": self.per_page}
