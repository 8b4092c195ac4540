"""Releases and tags."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.people import login
from clara.files import size_in_words
from clara.memory.kinds import one_line
from clara.tools.material import written

NOTES_LIMIT = 20_000
NOTES_IN_LIST_LIMIT = 1_000
"""Characters."""

ASSETS_SHOWN = 50


def in_list(found: Mapping[str, Any]) -> str:
    """A release in a list, with the beginning of its notes."""
    notes = written(found.get("body"), NOTES_IN_LIST_LIMIT)
    return "\n".join([f"- {_head(found)}", *(f"  {line}" for line in notes.splitlines())])


def release(found: Mapping[str, Any]) -> str:
    """One release, whole."""
    assets = found.get("assets") or []
    lines = [_asset(each) for each in assets[:ASSETS_SHOWN]]
    lines += [f"- {len(assets) - ASSETS_SHOWN} more"] if assets[ASSETS_SHOWN:] else []
    notes = written(found.get("body"), NOTES_LIMIT) or "(no notes)"
    return "\n".join([_head(found), "", notes, *(["", "Files:", *lines] if lines else [])])


def tag_line(found: Mapping[str, Any]) -> str:
    return f"- {one_line(found['name'])} ({found['commit']['sha'][:10]})"


def _head(found: Mapping[str, Any]) -> str:
    name = one_line(str(found.get("name") or found["tag_name"]))
    facts = [f"tag {one_line(found['tag_name'])}", *(kind for kind in ("draft", "prerelease") if found.get(kind))]
    facts += [f"published {found['published_at'][:10]}"] if found.get("published_at") else []
    facts.append(f"by {login(found.get('author'))}")
    return f"[{name}]({found['html_url']}) ({'; '.join(facts)})"


def _asset(found: Mapping[str, Any]) -> str:
    return f"- [{one_line(found['name'])}]({found['browser_download_url']}) ({size_in_words(found['size'])})"
