"""What GitHub has, as compact Markdown with links."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

BODY_LIMIT = 20_000
COMMENT_LIMIT = 4_000
TITLE_LIMIT = 300
"""Characters."""


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
