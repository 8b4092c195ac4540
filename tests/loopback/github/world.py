"""What a loopback GitHub holds: people by their tokens, repositories, issues and their comments."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Json = dict[str, Any]
Kind = TypeVar("Kind")


@dataclass
class Repository:
    issues: list[Json] = field(default_factory=list)
    comments: dict[int, list[Json]] = field(default_factory=dict)


@dataclass
class World:
    people: dict[str, str]
    """Logins by tokens."""
    repositories: dict[str, Repository] = field(default_factory=dict)
    url: str = ""
    now: datetime = datetime(2026, 11, 28, 0, 5, tzinfo=UTC)
    _kept: dict[tuple[str, type], Any] = field(default_factory=dict)

    def of(self, name: str, kind: type[Kind]) -> Kind:
        """What a topic keeps of a repository or a person: its own class, made empty at first."""
        kept: Kind = self._kept.setdefault((name, kind), kind())
        return kept

    def time(self) -> str:
        """Later by a second each time, as GitHub writes it."""
        self.now += timedelta(seconds=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def user(self, login: str) -> Json:
        return {"login": login, "id": 1, "html_url": f"https://github.com/{login}", "type": "User"}

    def add_issue(self, name: str, by: str, sent: Json) -> Json:
        repository = self.repositories[name]
        number = len(repository.issues) + 1
        made = self.time()
        issue = {
            "id": 1000 + number,
            "number": number,
            "url": f"{self.url}/repos/{name}/issues/{number}",
            "html_url": f"https://github.com/{name}/issues/{number}",
            "title": sent["title"],
            "body": sent.get("body"),
            "state": "open",
            "user": self.user(by),
            "labels": [{"name": label} for label in sent.get("labels", [])],
            "assignees": [self.user(login) for login in sent.get("assignees", [])],
            "comments": 0,
            "created_at": made,
            "updated_at": made,
        }
        repository.issues.append(issue)
        return issue

    def add_comment(self, name: str, number: int, by: str, body: str) -> Json:
        there = self.repositories[name].comments.setdefault(number, [])
        made = self.time()
        there.append(
            {
                "id": len(there) + 1,
                "html_url": f"https://github.com/{name}/issues/{number}#issuecomment-{len(there) + 1}",
                "user": self.user(by),
                "body": body,
                "created_at": made,
                "updated_at": made,
            }
        )
        self.repositories[name].issues[number - 1]["comments"] += 1
        return there[-1]
