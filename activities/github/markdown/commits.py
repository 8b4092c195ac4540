"""Commits and branches."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.people import login
from clara.memory.kinds import one_line
from clara.tools.material import written

MESSAGE_LIMIT = 10_000
TITLE_LIMIT = 200
PATCH_LIMIT = 20_000
"""Characters."""


def commit_line(found: Mapping[str, Any]) -> str:
    """A commit in a list."""
    title = one_line(written(found["commit"]["message"].partition("\n")[0], TITLE_LIMIT))
    return f"- [{found['sha'][:10]}]({found['html_url']}) {title} ({_author(found)}; {_when(found)})"


def commit(found: Mapping[str, Any]) -> str:
    """One commit, with what it changes as far as GitHub shows it."""
    stats, parents = found.get("stats") or {}, found.get("parents") or []
    lines = [
        f"[Commit {found['sha']}]({found['html_url']})",
        f"{_author(found)}; {_when(found)}; +{stats.get('additions', 0)} -{stats.get('deletions', 0)}",
        *([f"Parents: {', '.join(parent['sha'] for parent in parents)}"] if parents else []),
        "",
        written(found["commit"]["message"], MESSAGE_LIMIT),
    ]
    return "\n".join([*lines, *map(_change, found.get("files") or [])])


def branch_line(found: Mapping[str, Any]) -> str:
    protected = ", protected" if found.get("protected") else ""
    return f"- {one_line(found['name'])} ({found['commit']['sha'][:10]}{protected})"


def _change(found: Mapping[str, Any]) -> str:
    """What becomes of one file."""
    was = f", was {one_line(found['previous_filename'])}" if found.get("previous_filename") else ""
    head = f"\n### {one_line(found['filename'])} ({found['status']}{was}; +{found['additions']} -{found['deletions']})"
    patch = str(found.get("patch") or "")
    if not patch:
        return f"{head}\n(GitHub shows no changes of it)"
    cut = f"\n[cut: {len(patch) - PATCH_LIMIT:,} more characters]" if len(patch) > PATCH_LIMIT else ""
    return f"{head}\n{patch[:PATCH_LIMIT]}{cut}"


def _author(found: Mapping[str, Any]) -> str:
    """Their login, where GitHub knows it, else as whom the commit says it is of."""
    if found.get("author"):
        return f"by {login(found['author'])}"
    return f"by {one_line(str((found['commit'].get('author') or {}).get('name') or 'nobody'))}"


def _when(found: Mapping[str, Any]) -> str:
    at = (found["commit"].get("committer") or found["commit"].get("author") or {}).get("date") or "?"
    return f"{at[:16].replace('T', ' ')} UTC" if at.endswith("Z") else at
