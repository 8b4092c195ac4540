"""Repositories."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

DESCRIPTION_LIMIT = 300
"""Characters."""


def repository_line(found: Mapping[str, Any]) -> str:
    """A repository in a list."""
    facts = [visibility(found), *(name for name in ("fork", "archived") if found.get(name))]
    facts += [one_line(str(found["language"]))] if found.get("language") else []
    facts += [f"{found['stargazers_count']:,} stars"] if found.get("stargazers_count") else []
    facts += [f"pushed {found['pushed_at'][:10]}"] if found.get("pushed_at") else []
    about = one_line(written(found.get("description"), DESCRIPTION_LIMIT))
    return f"- [{found['full_name']}]({found['html_url']}) ({'; '.join(facts)})" + (f": {about}" if about else "")


def repository(found: Mapping[str, Any]) -> str:
    """One repository, whole."""
    lines = [repository_line(found).removeprefix("- "), f"Default branch: {found['default_branch']}"]
    if parent := found.get("parent"):
        lines.append(f"Fork of [{parent['full_name']}]({parent['html_url']})")
    lines.append(f"{found.get('forks_count', 0):,} forks; {found.get('open_issues_count', 0):,} open issues and PRs")
    if license_ := found.get("license"):
        lines.append(f"License: {one_line(str(license_.get('name')))}")
    if topics := found.get("topics"):
        lines.append(f"Topics: {', '.join(map(one_line, topics))}")
    if homepage := found.get("homepage"):
        lines.append(f"Home page: {one_line(str(homepage))}")
    if may := [name for name, yes in (found.get("permissions") or {}).items() if yes]:
        lines.append(f"The account may: {', '.join(may)}")
    return "\n".join(lines)


def visibility(found: Mapping[str, Any]) -> str:
    return str(found.get("visibility") or ("private" if found.get("private") else "public"))
