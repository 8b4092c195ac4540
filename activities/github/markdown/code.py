"""What a search in code has found."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

FRAGMENT_LIMIT = 500
FRAGMENTS = 3


def match(found: Mapping[str, Any]) -> str:
    """A file, with the places that fit."""
    head = f"- [{found['repository']['full_name']}: {one_line(found['path'])}]({found['html_url']})"
    fragments = [each["fragment"] for each in found.get("text_matches") or [] if each.get("property") == "content"]
    return "\n".join([head, *(_indented(written(each, FRAGMENT_LIMIT)) for each in fragments[:FRAGMENTS])])


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.splitlines())
