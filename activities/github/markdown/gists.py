"""Gists."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.people import login
from clara.files import size_in_words
from clara.memory.kinds import one_line
from clara.tools.material import written

DESCRIPTION_LIMIT = 300
"""Characters."""

NAMES_SHOWN = 5


def gist_line(found: Mapping[str, Any]) -> str:
    """A gist in a list."""
    names = [one_line(name) for name in found["files"]]
    more = f" and {len(names) - NAMES_SHOWN} more" if names[NAMES_SHOWN:] else ""
    about = one_line(written(found.get("description"), DESCRIPTION_LIMIT)) or "(no description)"
    kind = "public" if found["public"] else "secret"
    return (
        f"- [{found['id']}]({found['html_url']}) {about} ({kind}; by {login(found.get('owner'))}; "
        f"updated {found['updated_at'][:10]}; files: {', '.join(names[:NAMES_SHOWN])}{more})"
    )


def gist(found: Mapping[str, Any]) -> str:
    """One gist, with its files."""
    return "\n\n".join([gist_line(found).removeprefix("- "), *map(_file, found["files"].values())])


def _file(found: Mapping[str, Any]) -> str:
    cut = "\n[GitHub shows no more of it]" if found.get("truncated") else ""
    return f"### {one_line(found['filename'])} ({size_in_words(found['size'])})\n{found.get('content') or ''}{cut}"
