"""What is in a repository: commits, each with all of its files, and branches."""

import hashlib
from dataclasses import dataclass, field

from tests.loopback.github.world import Json, World


@dataclass(frozen=True)
class Commit:
    sha: str
    parent: str | None
    by: str
    at: str
    message: str
    files: dict[str, bytes]


@dataclass
class Git:
    branches: dict[str, str] = field(default_factory=dict)
    """Commits by name."""
    commits: dict[str, Commit] = field(default_factory=dict)

    def find(self, ref: str) -> Commit | None:
        """By branch, by commit, or what ``HEAD`` is."""
        return self.commits.get(self.branches.get("main" if ref == "HEAD" else ref, ref))

    def history(self, ref: str) -> list[Commit]:
        """Newest first."""
        found = []
        commit = self.find(ref)
        while commit:
            found.append(commit)
            commit = self.commits.get(commit.parent or "")
        return found

    def commit(self, world: World, branch: str, by: str, message: str, changes: dict[str, bytes | None]) -> Commit:
        parent = self.find(branch)
        files: dict[str, bytes | None] = {**(parent.files if parent else {}), **changes}
        at = world.time()
        sha = hashlib.sha1(f"{at} {by} {message} {branch}".encode(), usedforsecurity=False).hexdigest()
        kept = {path: data for path, data in files.items() if data is not None}
        self.commits[sha] = Commit(sha, parent.sha if parent else None, by, at, message, kept)
        self.branches[branch] = sha
        return self.commits[sha]


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def described(world: World, name: str, commit: Commit) -> Json:
    person = {"name": commit.by.capitalize(), "email": f"{commit.by}@example.org", "date": commit.at}
    return {
        "sha": commit.sha,
        "html_url": f"https://github.com/{name}/commit/{commit.sha}",
        "author": world.user(commit.by),
        "committer": world.user(commit.by),
        "commit": {"message": commit.message, "author": person, "committer": person},
        "parents": [{"sha": commit.parent}] if commit.parent else [],
    }
