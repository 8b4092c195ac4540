"""A good call of every tool."""

from typing import Any

from tests.activities.azure.conftest import PROJECT

HERE: dict[str, Any] = {"project": PROJECT}
REPO = HERE | {"repo": "tides"}
WIKI = HERE | {"wiki": "Fog.wiki"}

CALLS: dict[str, dict[str, Any]] = {
    "list_projects": {},
    "list_project_teams": HERE,
    "list_repos": HERE,
    "get_repo": REPO,
    "list_branches": REPO,
    "create_branch": REPO | {"branch": "neap", "source": "main"},
    "list_commits": REPO,
    "get_file_contents": REPO | {"path": "/README.md"},
    "list_pull_requests": HERE,
    "get_pull_request": REPO | {"pull_request": 1},
    "create_pull_request": REPO | {"source": "main", "target": "spring", "title": "Back"},
    "update_pull_request": REPO | {"pull_request": 1, "title": "The whole moon"},
    "list_pr_threads": REPO | {"pull_request": 1},
    "create_pr_comment": REPO | {"pull_request": 1, "text": "Seen."},
    "list_pipelines": HERE,
    "list_builds": HERE,
    "get_build": HERE | {"build": 100},
    "get_build_logs": HERE | {"build": 100},
    "run_pipeline": HERE | {"pipeline": 7, "parameters": {"deep": "yes"}},
    "get_pipeline_run": HERE | {"pipeline": 7, "run": 100},
    "list_pipeline_runs": HERE | {"pipeline": 7},
    "get_work_item": {"number": 1},
    "list_work_items": HERE,
    "create_work_item": HERE | {"type": "Task", "title": "Sound the bay"},
    "update_work_item": {"number": 2, "state": "Active"},
    "add_work_item_comment": {"number": 1, "text": "Seen."},
    "search_work_items": {"query": "tide"},
    "my_work_items": {},
    "list_wikis": HERE,
    "get_wiki_page": WIKI | {"path": "/Home"},
    "create_or_update_wiki_page": WIKI | {"path": "/Home/Nets", "content": "Three.\nAnd more."},
    "list_wiki_pages": WIKI,
    "search_code": {"query": "Tides"},
    "list_iterations": HERE,
    "list_team_iterations": HERE,
    "list_test_plans": HERE,
    "list_test_suites": HERE | {"plan": 1},
}

WRITING = [
    "create_branch", "create_pull_request", "update_pull_request", "create_pr_comment", "run_pipeline",
    "create_work_item", "add_work_item_comment", "create_or_update_wiki_page",
]  # fmt: skip
"""Whose outcome is looked up where it was lost."""
