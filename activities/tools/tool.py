"""The declaration of a tool: everything about it in one place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from clara.messages import Incoming
from clara.models import ToolSchema
from clara.tools import DEFAULT_SETTLING, DEFAULT_TIMEOUT, MAX_SETTLING, MAX_TIMEOUT, Audience, Effect
from store.database import Pool


class Arguments(BaseModel):
    """What a model gives a tool. Unknown names are refused, so that a model notices its mistake."""

    model_config = ConfigDict(extra="forbid")


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True)
class Context:
    """For whom and with what a tool runs. The person comes from the turn, never from the arguments."""

    message: Incoming
    pool: Pool
    key: str
    """Stable over attempts at this call: for services that take an idempotency key."""
    now: datetime

    @property
    def user_id(self) -> str:
        return self.message.user.id


@dataclass(frozen=True)
class Verdict:
    """What a look at the world says about a write whose outcome was lost."""

    state: Literal["done", "not_done", "unknown"]
    result: str = ""


@dataclass(frozen=True)
class Tool(Generic[A]):
    """One tool. ``run`` returns the text for the model, or raises ToolFailed with what to do instead.

    ``run`` may raise Unavailable for a fault of the world that passes: reads and idempotent tools are
    then tried again. A ``write`` needs a ``verify`` unless its outcome cannot be looked up. If it knows
    that its request never left, it raises ToolFailed, because after anything else its effect is waited for.

    ``settles_within`` is how long after the end of ``timeout`` the service may take to finish what it was
    asked and to show it to ``verify``. If a service takes longer, a write may happen twice.
    """

    name: str
    description: str
    arguments: type[A]
    run: Callable[[A, Context], Awaitable[str]]
    effect: Effect = Effect.READ
    timeout: timedelta = DEFAULT_TIMEOUT
    audience: Audience = Audience.EVERYONE
    verify: Callable[[A, Context], Awaitable[Verdict]] | None = None
    settles_within: timedelta = DEFAULT_SETTLING

    def __post_init__(self) -> None:
        if self.timeout > MAX_TIMEOUT:
            raise ValueError(f"{self.name}: a tool may run for {MAX_TIMEOUT} at most")
        if self.settles_within > MAX_SETTLING:
            raise ValueError(f"{self.name}: the effect of a tool may take {MAX_SETTLING} at most to show")

    @property
    def lasts(self) -> timedelta:
        """From the start of a write until a look that finds nothing means that it had no effect.

        Without a look nothing is waited for but the end of an attempt that may still be at work.
        """
        return self.timeout + self.settles_within if self.verify else self.timeout

    @cached_property
    def schema(self) -> ToolSchema:
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        for field in parameters.get("properties", {}).values():
            field.pop("title", None)
        return ToolSchema(name=self.name, description=self.description, parameters=parameters)

    def parse(self, arguments: dict[str, Any]) -> A:
        """The arguments, checked; ValueError says in words for the model what is wrong."""
        try:
            return self.arguments.model_validate(arguments)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors(include_url=False)
            )
            raise ValueError(
                f"The arguments of {self.name} are wrong: {wrong}. Correct them and call again."
            ) from error
