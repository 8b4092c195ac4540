"""What can go wrong on the way to Discord, on demand."""

import re
from dataclasses import dataclass, field
from typing import Any

VIA = {"Via": "1.1 google"}


@dataclass
class Fault:
    """Meets the next ``times`` requests that match. ``status`` 0 cuts the connection.

    With ``after`` the request takes effect first: the sender cannot know it.
    """

    method: str
    path: str
    status: int = 0
    times: int = 1
    after: bool = False
    body: dict[str, Any] = field(default_factory=lambda: {"message": "error", "code": 0})
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    slow: float = 0
    """Seconds between the effect and the answer, which then comes as it is."""
    met: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.met < self.times and method == self.method and re.search(self.path, path) is not None


def rate_limited(method: str, path: str, retry_after: float, scope: str | None = "user", times: int = 1) -> Fault:
    """A 429 of the server's own making; without a scope it is Cloudflare that refuses."""
    headers = {"Retry-After": str(int(retry_after) + 1)}
    if scope:
        headers |= {**VIA, "X-RateLimit-Scope": scope}
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": scope == "global"}
    return Fault(method, path, 429, times, body=body, headers=headers)
