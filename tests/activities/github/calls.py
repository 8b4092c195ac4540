"""Every tool with arguments that do, and those that create: put together from the topics' own tables."""

from typing import Any

from tests.activities.github import (
    test_commits,
    test_contents,
    test_gists,
    test_issues,
    test_notifications,
    test_projects,
    test_pull_requests,
    test_releases,
    test_repositories,
    test_workflows,
)

TOPICS = (
    *(test_repositories, test_contents, test_commits, test_issues, test_pull_requests, test_workflows, test_projects),
    *(test_releases, test_gists, test_notifications),
)

CALLS: dict[str, dict[str, Any]] = {name: arguments for topic in TOPICS for name, arguments in topic.CALLS.items()}

CREATING: list[str] = [name for topic in TOPICS for name in topic.CREATING]
"""The writes, each of which is looked for where its answer was lost."""
