"""A request as scripts read it: the same for both APIs."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True)
class Called:
    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Result:
    call_id: str
    text: str


@dataclass(frozen=True)
class Picture:
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Said:
    """One message; those of the role ``tool`` appear as results within a ``user`` message."""

    role: Literal["user", "assistant"]
    text: str = ""
    calls: tuple[Called, ...] = ()
    results: tuple[Result, ...] = ()
    pictures: tuple[Picture, ...] = ()
    thinking: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Request:
    api: Literal["anthropic", "openai"]
    model: str
    system: str
    messages: tuple[Said, ...]
    tools: tuple[str, ...]
    max_tokens: int
    body: dict[str, Any] = field(repr=False)

    @cached_property
    def _asked(self) -> int:
        spoken = (i for i, m in enumerate(self.messages) if m.role == "user" and m.text and not m.results)
        return max(spoken, default=-1)

    @property
    def user_text(self) -> str:
        """The newest words of the person."""
        return self.messages[self._asked].text if self._asked >= 0 else ""

    @property
    def results(self) -> tuple[Result, ...]:
        """What tools have answered since then, oldest first."""
        return tuple(result for message in self.messages[self._asked + 1 :] for result in message.results)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(picture for message in self.messages for picture in message.pictures)
