"""People and organizations."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line
from clara.tools.material import written

BIO_LIMIT = 500
"""Characters."""

_FACTS = ("name", "company", "location", "email", "blog")


def login(user: Any) -> str:
    return f"@{one_line(str(user.get('login', '')))}" if isinstance(user, Mapping) else "nobody"


def user_line(found: Mapping[str, Any]) -> str:
    """Somebody in a list."""
    kind = "" if found.get("type") == "User" else f" ({one_line(str(found.get('type'))).lower()})"
    return f"- [{login(found)}]({found['html_url']}){kind}"


def account(found: Mapping[str, Any]) -> str:
    """One account, whole."""
    lines = [user_line(found).removeprefix("- ")]
    lines += [f"{name.capitalize()}: {one_line(str(found[name]))}" for name in _FACTS if found.get(name)]
    lines.append(f"{found.get('public_repos', 0)} public repositories, {found.get('followers', 0)} followers")
    bio = written(found.get("bio"), BIO_LIMIT)
    return "\n".join([*lines, *(["", bio] if bio else [])])
