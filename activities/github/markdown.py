"""What GitHub has, as compact Markdown with links, and whose words it is."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.web import MATERIAL, visible

BODY_LIMIT = 20_000
COMMENT_LIMIT = 4_000
TITLE_LIMIT = 300
"""Characters."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MARK = re.compile(r"<(/?)(?=\s*github\b)", re.IGNORECASE)


def between_marks(where: str, text: str) -> str:
    """``text`` as material that others wrote."""
    unmarked = _MARK.sub(r"&lt;\1", text)
    return f'{MATERIAL}\n<github from="{where}">\n{unmarked}\n</github>'


def written(text: object, limit: int) -> str:
    """Prose of somebody, without what nobody sees on the page: hidden characters and HTML comments."""
    shown, _ = visible(_COMMENT.sub("", str(text or "")).strip())
    return shown if len(shown) <= limit else f"{shown[:limit]}\n[cut: {len(shown) - limit:,} more characters]"


def login(user: Any) -> str:
    return f"@{one_line(str(user.get('login', '')))}" if isinstance(user, Mapping) else "nobody"


def issue_line(issue: Mapping[str, Any]) -> str:
    """An issue or a pull request in a list."""
    labels = ", ".join(one_line(str(label.get("name", ""))) for label in issue.get("labels", []))
    kind = "pull request, " if "pull_request" in issue else ""
    facts = [f"{kind}{issue['state']}", f"by {login(issue.get('user'))}", f"updated {issue['updated_at'][:10]}"]
    facts += [f"labels: {labels}"] if labels else []
    facts += [f"{issue['comments']} comments"] if issue.get("comments") else []
    title = one_line(str(issue["title"]))[:TITLE_LIMIT]
    return f"- [#{issue['number']} {title}]({issue['html_url']}) ({'; '.join(facts)})"


def issue(found: Mapping[str, Any]) -> str:
    """One issue, whole."""
    assignees = ", ".join(login(user) for user in found.get("assignees", []))
    lines = [issue_line(found).removeprefix("- "), *([f"Assigned to {assignees}"] if assignees else [])]
    return "\n".join([*lines, "", written(found.get("body"), BODY_LIMIT) or "(no description)"])


def comment(found: Mapping[str, Any]) -> str:
    head = f"**{login(found.get('user'))}**, [{found['created_at'][:16].replace('T', ' ')} UTC]({found['html_url']}):"
    return f"{head}\n{written(found.get('body'), COMMENT_LIMIT)}"


def page_of(lines: Iterable[str], page: int, more: bool, between: str = "\n") -> str:
    """A page of a list, with how to read on."""
    shown = between.join(lines)
    return f"{shown}\n\nThere is more: call again with page={page + 1}." if more else shown
