"""What tools of plugins are called: the plugin's name, two underscores, and the tool's own name.

Clara's own tools have no two underscores in their names, so no plugin can take one of theirs.
"""

import hashlib
import re

LIMIT = 64
"""Characters that every model provider takes."""

BETWEEN = "__"

_REFUSED = re.compile(r"[^A-Za-z0-9_-]")
_APART = re.compile(r"[\W_]+")


def offered_name(plugin: str, tool: str, salt: str = "") -> str:
    """The name that models call a tool by. Two tools of a plugin never share one.

    ``salt`` is for a plugin whose name another one has too.
    """
    clean = _REFUSED.sub("_", tool)
    whole = f"{plugin}{BETWEEN}{clean}"
    if clean == tool and len(whole) <= LIMIT and not salt:
        return whole
    mark = hashlib.sha256(f"{salt}/{tool}".encode("utf-8", "replace")).hexdigest()[:8]
    return f"{whole[: LIMIT - 9]}_{mark}"


def alike(name: str) -> str:
    """Names that people and models would take for each other are the same in this form: web-search and Web_Search."""
    return _APART.sub("", name).casefold()
