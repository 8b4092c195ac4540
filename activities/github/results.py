"""What tools bring of GitHub: other people's words, between marks."""

from collections.abc import Iterable

from activities.tools.tool import ToolOutput
from clara.tools.material import between, page_of
from clara.tools.provenance import Provenance


def others(where: str, text: str) -> ToolOutput:
    return ToolOutput(between("github", where, text), source=where)


def listed(lines: Iterable[str], page: int, more: bool, where: str) -> ToolOutput:
    """A page of a list."""
    shown = list(lines)
    if not shown:
        return ToolOutput("There are none.", provenance=Provenance.CLARA)
    return others(where, page_of(shown, page, more))
