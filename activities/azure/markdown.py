"""What Azure DevOps has, as compact Markdown with links."""

from collections.abc import Iterable, Mapping
from typing import Any

from activities.tools.tool import ToolOutput
from clara.memory.kinds import one_line
from clara.tools.material import between
from clara.tools.provenance import Provenance

TITLE_LIMIT = 300
BODY_LIMIT = 20_000
COMMENT_LIMIT = 4_000
"""Characters."""

NONE = ToolOutput("There are none.", provenance=Provenance.CLARA)

_IN_LABEL = str.maketrans({"[": "(", "]": ")"})
_IN_ADDRESS = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\n": "", "\r": ""})


def line(text: Any, limit: int = TITLE_LIMIT) -> str:
    """Words of somebody on one line."""
    return one_line(str(text or ""))[:limit]


def link(text: Any, address: str) -> str:
    return f"[{line(text).translate(_IN_LABEL)}]({address.translate(_IN_ADDRESS)})"


def person(found: Any) -> str:
    """An identity: an object in most places, a line of text in some."""
    if isinstance(found, Mapping):
        found = found.get("displayName") or found.get("name") or found.get("uniqueName")
    return line(found, 100) or "nobody"


def day(time: Any) -> str:
    return str(time or "")[:10]


def minute(time: Any) -> str:
    return f"{str(time)[:16].replace('T', ' ')} UTC" if time else ""


def branch(ref: Any) -> str:
    return line(ref, 200).removeprefix("refs/heads/")


def facts(*found: str) -> str:
    """In brackets, without those that are empty."""
    told = "; ".join(each for each in found if each)
    return f" ({told})" if told else ""


def listed(where: str, lines: Iterable[str], more: str = "", separator: str = "\n") -> ToolOutput:
    """A list of what others wrote. ``more`` says how to read on."""
    shown = separator.join(lines)
    if not shown:
        return NONE if not more else others(where, f"Nothing on this page.\n\n{more}")
    return others(where, f"{shown}\n\n{more}" if more else shown)


def others(where: str, text: str) -> ToolOutput:
    return ToolOutput(between("azure", where, text), source=where)


def next_page(page: int, more: bool) -> str:
    return f"There is more: call again with page={page + 1}." if more else ""


def continued(after: str) -> str:
    return f'There is more: call again with after="{line(after, 1000)}".' if after else ""
