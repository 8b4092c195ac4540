"""The table in the documentation is that of the code: ``-m tests.activities.google.test_documented`` writes it."""

import re
from pathlib import Path

from activities.google import toolset
from activities.google.tools import account

PAGE = Path(__file__).parents[3] / "docs" / "integrations.md"
TABLE = re.compile(r"(<!-- Google's tools[^\n]*-->\n).*?(<!-- End of Google's tools -->)", re.DOTALL)


def table() -> str:
    lines = ["| tool | effect | risk | what it does |", "|---|---|---|---|"]
    for tool in (*account.tools(None), *toolset.tools(None, None)):  # type: ignore[arg-type] # none of them is called
        first = tool.description.partition(". ")[0].rstrip(".")
        lines.append(f"| `{tool.name}` | {tool.effect} | {tool.offered.risk} | {first} |")
    return "\n".join(["", *lines, "", ""])


def written(page: str) -> str:
    return TABLE.sub(lambda found: found[1] + table() + found[2], page)


def test_the_table_of_tools_is_that_of_the_code() -> None:
    page = PAGE.read_text()
    assert "`google_status`" in page
    assert written(page) == page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
