"""One pull request: which it is, how it is read, and how it is shown."""

from dataclasses import replace
from typing import Any

from activities.azure import markdown
from activities.azure.arguments import InRepository, Number
from activities.azure.asking import Place
from activities.azure.markdown import facts, link


class OnePullRequest(InRepository):
    pull_request: Number

    @property
    def which(self) -> str:
        return f"pull request {self.pull_request} of {self.name}"


async def read(place: Place, asked: OnePullRequest) -> dict[str, Any]:
    return (await place.read("_apis/git/repositories", asked.repo, "pullRequests", asked.pull_request)).data


async def threads_of(place: Place, asked: OnePullRequest) -> list[dict[str, Any]]:
    """All of them: there are no pages."""
    inside = ("_apis/git/repositories", asked.repo, "pullRequests", asked.pull_request, "threads")
    return (await place.read(*inside)).listed


def address(place: Place, found: dict[str, Any]) -> str:
    repository = found["repository"]
    project = (repository.get("project") or {}).get("name") or place.project
    return replace(place, project=project).link("_git", repository["name"], "pullrequest", found["pullRequestId"])


def line(place: Place, found: dict[str, Any]) -> str:
    branches = f"{markdown.branch(found.get('sourceRefName'))} into {markdown.branch(found.get('targetRefName'))}"
    draft = "draft, " if found.get("isDraft") else ""
    return link(f"!{found['pullRequestId']} {found['title']}", address(place, found)) + facts(
        f"{draft}{found['status']}",
        f"{markdown.line(found['repository']['name'])}: {branches}",
        f"by {markdown.person(found.get('createdBy'))}",
        f"opened {markdown.day(found.get('creationDate'))}",
    )
