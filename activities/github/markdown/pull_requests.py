"""Pull requests, and the files that they change."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.issues import BODY_LIMIT, TITLE_LIMIT
from activities.github.markdown.people import login
from clara.memory.kinds import one_line
from clara.tools.material import written
from clara.web import visible

PATCH_LIMIT = 20_000
"""Characters of one file's changes."""


def line(found: Mapping[str, Any]) -> str:
    """A pull request in a list."""
    labels = ", ".join(one_line(str(label.get("name", ""))) for label in found.get("labels", []))
    facts = [
        _state(found),
        f"by {login(found.get('user'))}",
        f"{_side(found['head'])} into {_side(found['base'])}",
        f"updated {found['updated_at'][:10]}",
        *([f"labels: {labels}"] if labels else []),
    ]
    title = one_line(str(found["title"]))[:TITLE_LIMIT]
    return f"- [#{found['number']} {title}]({found['html_url']}) ({'; '.join(facts)})"


def whole(found: Mapping[str, Any]) -> str:
    reviewers = ", ".join(login(user) for user in found.get("requested_reviewers", []))
    lines = [
        line(found).removeprefix("- "),
        f"Head commit: {found['head']['sha']}",
        f"{found['commits']} commits, {found['changed_files']} files, +{found['additions']} -{found['deletions']}",
        *([] if found.get("merged") or found["state"] == "closed" else [f"Mergeable: {_mergeable(found)}"]),
        *([f"Merged by {login(found.get('merged_by'))} at {found['merged_at']}"] if found.get("merged") else []),
        *([f"Review asked of {reviewers}"] if reviewers else []),
    ]
    return "\n".join([*lines, "", written(found.get("body"), BODY_LIMIT) or "(no description)"])


def file_line(found: Mapping[str, Any], patches: bool) -> str:
    """A file that a pull request changes; with ``patches`` also how."""
    before = f" from {_path(found['previous_filename'])}" if found.get("previous_filename") else ""
    counted = f"+{found['additions']} -{found['deletions']}"
    head = f"- {_path(found['filename'])}: {one_line(str(found['status']))}{before}, {counted}"
    if not patches:
        return head
    patch = code(str(found.get("patch") or ""), PATCH_LIMIT)
    return f"{head}\n{patch or '(GitHub shows no lines of it: it is binary or too large.)'}"


def code(text: str, limit: int) -> str:
    """Lines of code: comments stay, and it is told if something in them is not to be seen."""
    shown, hidden = visible(text)
    cut = f"\n[cut: {len(shown) - limit:,} more characters]" if len(shown) > limit else ""
    taken = f"\n[{hidden:,} characters that nobody sees were taken out]" if hidden else ""
    return f"{shown[:limit]}{cut}{taken}"


def _state(found: Mapping[str, Any]) -> str:
    state = "merged" if found.get("merged_at") else one_line(str(found["state"]))
    return f"{state}, draft" if found.get("draft") else state


def _side(side: Mapping[str, Any]) -> str:
    """``owner:branch``; a fork may be gone."""
    return one_line(str(side.get("label") or side.get("ref")))


def _mergeable(found: Mapping[str, Any]) -> str:
    """In GitHub's words: clean, dirty (conflicts), blocked, behind, unstable; unknown while it is computed."""
    return one_line(str(found.get("mergeable_state") or "unknown"))


def _path(name: object) -> str:
    return f"`{one_line(str(name)).replace('`', '')}`"
