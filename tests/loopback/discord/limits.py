"""Rate limits as Discord keeps them: so many requests of a route and channel in a window that the first one opens."""

import time
from dataclasses import dataclass, field

ROUTES = {
    ("POST", "messages"): (5, 5.0),
    ("PATCH", "messages"): (5, 5.0),
    ("GET", "messages"): (10, 5.0),
    ("POST", "typing"): (5, 5.0),
    ("PUT", "reactions"): (1, 0.25),
}
GLOBAL = 50


@dataclass
class Limits:
    exceeded: list[str] = field(default_factory=list)
    """Requests that were refused because of their number: 429s of the bot's own making."""
    _windows: dict[tuple[str, str, str], tuple[float, int]] = field(default_factory=dict)
    _second: tuple[int, int] = (0, 0)

    def check(self, method: str, route: str, channel: str) -> tuple[dict[str, str], float | None]:
        """Headers for the answer, and the pause in seconds if it is to be refused."""
        now = time.monotonic()
        second, count = self._second
        self._second = (int(now), count + 1 if second == int(now) else 1)
        if self._second[1] > GLOBAL:
            self.exceeded.append(f"global {method} {route}")
            return {"X-RateLimit-Scope": "global"}, 1.0
        limit = ROUTES.get((method, route))
        if limit is None:
            return {}, None
        most, length = limit
        began, used = self._windows.get((method, route, channel), (now, 0))
        if now - began >= length:
            began, used = now, 0
        used += 1
        self._windows[method, route, channel] = (began, used)
        rest = began + length - now
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, most - used)),
            "X-RateLimit-Reset": f"{time.time() + rest:.3f}",
            "X-RateLimit-Reset-After": f"{rest:.3f}",
            "X-RateLimit-Bucket": f"{method}-{route}",
        }
        if used > most:
            self.exceeded.append(f"{method} {route} in {channel}")
            return {**headers, "X-RateLimit-Scope": "user"}, rest
        return headers, None
