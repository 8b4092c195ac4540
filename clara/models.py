"""What is said to a language model and what comes back, whoever provides it."""

from typing import Any, Literal

from pydantic import Field

from clara.messages import Message, Part, Value

Stop = Literal["end", "tools", "length"]


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
    stop: Stop
    usage: Usage
    model: str
