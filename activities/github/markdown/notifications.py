"""Notifications."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

TITLE_LIMIT = 300
"""Characters."""

_PAGES = {"Issue": "issues", "PullRequest": "pull"}
"""What of a repository's pages they are below. Of other kinds GitHub does not tell the page."""


def notification_line(found: Mapping[str, Any]) -> str:
    subject, repository = found["subject"], found["repository"]
    facts = [
        "unread" if found["unread"] else "read",
        one_line(subject["type"]),
        f"because of {one_line(found['reason'])}",
        f"updated {found['updated_at'][:16].replace('T', ' ')} UTC",
        f"thread {found['id']}",
    ]
    title = one_line(written(subject["title"], TITLE_LIMIT))
    return f"- [{repository['full_name']}: {title}]({_page(subject, repository)}) ({'; '.join(facts)})"


def _page(subject: Mapping[str, Any], repository: Mapping[str, Any]) -> str:
    number = str(subject.get("url") or "").rpartition("/")[2]
    if subject["type"] in _PAGES and number.isdecimal():
        return f"{repository['html_url']}/{_PAGES[subject['type']]}/{number}"
    return str(repository["html_url"])
