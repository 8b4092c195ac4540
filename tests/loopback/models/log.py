"""What happened at the server, with times of the machine's monotonic clock."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["running", "complete", "refused", "broken", "hung up"]

_SECRET = ("authorization", "x-api-key", "cf-access-client-secret")


@dataclass
class Exchange:
    """One request and what became of it. ``hung up`` means that the client closed the connection."""

    number: int
    api: str
    headers: dict[str, str]
    """In lower case; of secret ones only the length."""
    body: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    pieces: int = 0
    """Events that were sent."""
    bytes: int = 0
    """Of a flood, as they went over the wire."""
    first_piece: float | None = None
    ended: float | None = None
    outcome: Outcome = "running"
    message: str = ""
    """Of a refusal."""

    @property
    def model(self) -> str:
        return str(self.body.get("model"))

    def sent(self, size: int = 0) -> None:
        self.pieces += 1
        self.bytes += size
        self.first_piece = self.first_piece or time.monotonic()

    def end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.ended = time.monotonic()

    def as_json(self, bodies: bool) -> dict[str, Any]:
        shown = asdict(self)
        return shown if bodies else {**shown, "body": {"model": self.model}}


def shown(headers: dict[str, str]) -> dict[str, str]:
    return {name: f"({len(value)} characters)" if name in _SECRET else value for name, value in headers.items()}
