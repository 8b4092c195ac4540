"""What is said to a language model and what comes back, whoever provides it."""

from typing import Any, Literal

from pydantic import Field

from clara.messages import Message, Part, Value

StopReason = Literal["end", "tools", "length", "size"]
"""``length``: the provider ended it at the limit of tokens; ``size``: Clara did, at ``answer_limit``."""

MAX_CALLS = 32
"""Tool calls of one answer that are run. Models make a handful; more than this is a model that turns in circles."""

_BYTES_PER_TOKEN = 32
_SMALLEST_LIMIT = 256 * 1024


def answer_limit(max_tokens: int) -> int:
    """Bytes that an answer of ``max_tokens`` may have: its text, thoughts and arguments together.

    A token has four bytes on average and rarely more than ten, so only an answer that disregards the
    limit of tokens comes to this one. It is never small, because some services count thoughts apart.
    """
    return max(_SMALLEST_LIMIT, max_tokens * _BYTES_PER_TOKEN)


class ToolSchema(Value):
    """A tool as a model sees it; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any]


class Usage(Value):
    """Tokens of one call. ``input_tokens`` counts all that was read, cached or not."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = Field(0, description="of the input, read from the provider's cache")
    cache_write_tokens: int = Field(0, description="of the input, written to the provider's cache")
    cost_usd: float | None = Field(None, description="None where the price is not known")

    def __add__(self, other: "Usage") -> "Usage":
        costs = [c for c in (self.cost_usd, other.cost_usd) if c is not None]
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            cost_usd=sum(costs) if costs else None,
        )


class Route(Value):
    """One way to a model: the provider's name and the model's."""

    provider: str
    model: str


class Prompt(Value):
    """Everything a provider needs for one call."""

    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSchema, ...] = ()
    may_call_tools: bool = Field(
        True, description="False: tools are named, since the dialogue holds calls, but not used"
    )
    max_tokens: int = 8192


class Completion(Value):
    """A whole answer. A stream that ended before its end never becomes one."""

    parts: tuple[Part, ...]
    stop: StopReason
    usage: Usage
    model: str
