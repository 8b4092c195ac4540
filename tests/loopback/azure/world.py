"""What a loopback Azure DevOps holds: people by their tokens, projects, repositories, work items, pipelines, wikis."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Repository:
    files: dict[str, Any] = field(default_factory=dict)
    """By path; None for one that is no text."""
    branches: dict[str, str] = field(default_factory=dict)
    """Commits by name, the default branch first."""
    commits: list[Json] = field(default_factory=list)
    """Newest first."""
    requests: list[Json] = field(default_factory=list)
    threads: dict[int, list[Json]] = field(default_factory=dict)


@dataclass
class Project:
    repositories: dict[str, Repository] = field(default_factory=dict)
    teams: list[str] = field(default_factory=list)
    pipelines: dict[int, Json] = field(default_factory=dict)
    builds: list[Json] = field(default_factory=list)
    """Newest first. Runs are builds."""
    logs: dict[int, list[list[str]]] = field(default_factory=dict)
    wikis: dict[str, dict[str, str]] = field(default_factory=dict)
    """Texts by path."""
    iterations: list[Json] = field(default_factory=list)
    plans: list[Json] = field(default_factory=list)
    suites: dict[int, list[Json]] = field(default_factory=dict)


@dataclass
class World:
    people: dict[str, str]
    """Names by tokens."""
    projects: dict[str, Project] = field(default_factory=dict)
    items: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    keeps_comments_in_html: bool = True
    """Whether what is written keeps comments of HTML, by which things are found again."""
    url: str = ""
    now: datetime = datetime(2026, 11, 28, tzinfo=UTC)

    def time(self) -> str:
        """Later by a second each time, as Azure DevOps writes it."""
        self.now += timedelta(seconds=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.123Z")

    def person(self, name: str) -> Json:
        return {"id": f"id-of-{name}", "displayName": name.title(), "uniqueName": f"{name}@acme.example"}

    def add_commit(self, project: str, repo: str, branch: str, by: str, comment: str) -> str:
        repository = self.projects[project].repositories[repo]
        made = self.time()
        commit = sha(f"{made}{comment}")
        author = {"name": by.title(), "email": f"{by}@acme.example", "date": made}
        repository.commits.insert(0, {"commitId": commit, "author": author, "committer": author, "comment": comment})
        repository.branches[branch] = commit
        return commit

    def add_request(self, project: str, repo: str, by: str, sent: Json) -> Json:
        repository = self.projects[project].repositories[repo]
        number = 1 + sum(len(each.requests) for one in self.projects.values() for each in one.repositories.values())
        source = sent["sourceRefName"].removeprefix("refs/heads/")
        request = {
            "pullRequestId": number,
            "repository": {"id": f"id-of-{repo}", "name": repo, "project": {"name": project}},
            "status": "active",
            "createdBy": self.person(by),
            "creationDate": self.time(),
            "mergeStatus": "succeeded",
            "lastMergeSourceCommit": {"commitId": repository.branches.get(source, "0" * 40)},
            "reviewers": [],
            "isDraft": False,
            **sent,
        }
        repository.requests.insert(0, request)
        return request

    def add_thread(self, project: str, repo: str, number: int, by: str, sent: Json, kind: str = "text") -> Json:
        threads = self.projects[project].repositories[repo].threads.setdefault(number, [])
        thread = {"id": len(threads) + 1, "status": "active", "isDeleted": False, **sent}
        thread["comments"] = [
            {"id": place, "author": self.person(by), "publishedDate": self.time(), "commentType": kind, **each}
            for place, each in enumerate(sent["comments"], start=1)
        ]
        threads.append(thread)
        return thread

    def add_item(self, project: str, kind: str, by: str, fields: Json, relations: list[Json] | None = None) -> Json:
        number = len(self.items) + 1
        made = self.time()
        item = {
            "id": number,
            "rev": 1,
            "fields": {
                "System.TeamProject": project,
                "System.WorkItemType": kind,
                "System.State": "New",
                "System.CreatedBy": self.person(by),
                "System.CreatedDate": made,
                "System.ChangedDate": made,
                "System.CommentCount": 0,
                "System.AreaPath": project,
                "System.IterationPath": project,
                **fields,
            },
            "relations": relations or [],
        }
        self.items[number] = item
        return item

    def add_comment(self, number: int, by: str, text: str) -> Json:
        there = self.comments.setdefault(number, [])
        made = {"id": len(there) + 1, "workItemId": number, "text": text, "createdBy": self.person(by)}
        made |= {"createdDate": self.time(), "format": "html"}
        there.append(made)
        self.items[number]["fields"]["System.CommentCount"] = len(there)
        return made

    def add_build(self, project: str, pipeline: int, by: str, branch: str = "refs/heads/main", **more: Any) -> Json:
        there = self.projects[project].builds
        build = {
            "id": 100 + len(there),
            "buildNumber": f"20261128.{len(there) + 1}",
            "definition": {"id": pipeline, "name": self.projects[project].pipelines[pipeline]["name"]},
            "status": "completed",
            "result": "succeeded",
            "reason": "manual",
            "queueTime": self.time(),
            "sourceBranch": branch,
            "sourceVersion": sha(branch),
            "requestedFor": self.person(by),
            "requestedBy": self.person(by),
            **more,
        }
        there.insert(0, build)
        return build
