"""What a service has of other people's words, as a model is shown it: between marks, with nothing that hides in it."""

import re
from collections.abc import Iterable
from functools import cache

from clara.web import MATERIAL, visible

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def between(tag: str, where: str, text: str) -> str:
    """``text`` as material that others wrote. ``tag`` names the service, ``where`` the place in it."""
    unmarked = _marks(tag).sub(r"&lt;\1", text)
    return f'{MATERIAL}\n<{tag} from="{where}">\n{unmarked}\n</{tag}>'


def written(text: object, limit: int) -> str:
    """Prose of somebody, without what nobody sees on the page: hidden characters and HTML comments."""
    shown, _ = visible(_COMMENT.sub("", str(text or "")).strip())
    return shown if len(shown) <= limit else f"{shown[:limit]}\n[cut: {len(shown) - limit:,} more characters]"


def page_of(lines: Iterable[str], page: int, more: bool, between: str = "\n") -> str:
    """A page of a list, with how to read on."""
    shown = between.join(lines)
    return f"{shown}\n\nThere is more: call again with page={page + 1}." if more else shown


@cache
def _marks(tag: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?)(?=\s*{re.escape(tag)}\b)", re.IGNORECASE)
