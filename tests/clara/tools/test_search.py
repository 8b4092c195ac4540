"""Tools are found by what they do, among hundreds."""

import pytest

from clara.tools.search import search, words

VERBS = {"create": "Create a new", "list": "List all", "delete": "Delete a", "update": "Change a", "get": "Show one"}
THINGS = ("issue", "repository", "pull_request", "calendar_event", "mail", "document", "spreadsheet", "wiki_page")
SERVICES = ("github", "azure", "google", "jira", "notion", "gitlab")
MANY = {
    f"{service}_{verb}_{thing}": f"{words_} {thing.replace('_', ' ')} in {service.title()}."
    for service in SERVICES
    for verb, words_ in VERBS.items()
    for thing in THINGS
}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("create github issue", "github_create_issue"),
        ("creating issues on GitHub", "github_create_issue"),
        ("list pull requests gitlab", "gitlab_list_pull_request"),
        ("delete calendar events in google", "google_delete_calendar_event"),
        ("update notion wiki pages", "notion_update_wiki_page"),
        ("googleUpdateSpreadsheet", "google_update_spreadsheet"),
    ],
)
def test_the_right_one_of_many_is_first(query: str, wanted: str) -> None:
    assert search(query, MANY, 5)[0] == wanted


def test_description_is_searched_too() -> None:
    tools = {"x1": "Send money to somebody.", "x2": "Weather forecast for a city.", "x3": "Translate a text."}
    assert search("what will the weather be", tools, 5) == ["x2"]


def test_nothing_fits() -> None:
    assert search("quantum teleportation", MANY, 5) == []
    assert search("", MANY, 5) == []


def test_words_lose_their_endings() -> None:
    assert words("createIssues, creating issue_") == ["creat", "issu", "createissu", "creat", "issu"]
