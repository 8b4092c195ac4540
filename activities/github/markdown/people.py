"""People and organizations."""

from collections.abc import Mapping
from typing import Any

from clara.memory.kinds import one_line


def login(user: Any) -> str:
    return f"@{one_line(str(user.get('login', '')))}" if isinstance(user, Mapping) else "nobody"
