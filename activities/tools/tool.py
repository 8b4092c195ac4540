"""The declaration of a tool: everything about it in one place."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from clara.llm.models import ToolSchema
from clara.messages import Incoming, ToolCallPart
from clara.tools.offer import OfferedTool, schema_hash, schema_tokens
from clara.tools.provenance import Provenance
from clara.tools.tool import (
    DEFAULT_SETTLING,
    DEFAULT_TIMEOUT,
    MAX_SETTLING,
    MAX_TIMEOUT,
    RESULT_LABEL_LIMIT,
    Audience,
    Effect,
    Risk,
    label,
)
from temporal import queues


class Arguments(BaseModel):
    """What a model gives a tool. Unknown names are refused, so that a model notices its mistake."""

    model_config = ConfigDict(extra="forbid")


class Given(RootModel[dict[str, Any]]):
    """What a model gives a tool whose arguments a JSON schema describes."""


A = TypeVar("A", bound=BaseModel)


async def _nobody(line: str) -> None:
    """Nobody is shown anything."""


@dataclass(frozen=True)
class Context:
    """For whom a tool runs. The person comes from the turn, never from the arguments.

    What a tool works with, such as a client or the store, it is given where it is made.
    """

    message: Incoming
    key: str
    """Stable over attempts at this call: for services that take an idempotency key."""
    now: datetime
    """When the attempt began. In ``verify``: the one whose outcome was lost."""
    show: Callable[[str], Awaitable[None]] = _nobody
    """Shows the person a line about what goes on, in place of the one before; best effort."""

    @property
    def user_id(self) -> str:
        return self.message.user.id


@dataclass(frozen=True)
class File:
    """A file that a tool has made for the person."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class ToolOutput:
    """What a tool brings: text for the model, files for the person, and whose words they are."""

    text: str
    files: tuple[File, ...] = ()
    provenance: Provenance | None = None
    """Where it is not that of the tool."""
    source: str = ""
    """Whose words it is, as people call it, where these are others': "the page example.org/x"."""
    private: bool = False
    """It holds words that must not leave: the person's, or what only their accounts and files show."""


@dataclass(frozen=True)
class Verdict:
    """What a look at the world says about a write whose outcome was lost."""

    state: Literal["done", "not_done", "unknown"]
    result: str = ""


_RISKS = {Effect.READ: Risk.LOOK, Effect.IDEMPOTENT: Risk.CHANGE, Effect.WRITE: Risk.OUTWARD}


@dataclass(frozen=True)
class Tool(Generic[A]):
    """One tool. ``run`` returns the text for the model, or a ToolOutput, or raises ToolFailed with what to do instead.

    ``run`` may raise Unavailable for a fault of the world that passes: reads and idempotent tools are
    then tried again. A ``write`` needs a ``verify`` unless its outcome cannot be looked up. If it knows
    that its request never left, it raises ToolFailed, because after anything else its effect is waited for.

    ``settles_within`` is how long after the end of ``timeout`` the service may take to finish what it was
    asked and to show it to ``verify``. If a service takes longer, a write may happen twice.

    ``risk`` follows from the effect where it is not given. ``view`` says in one line, for people, what a
    call will do. ``provenance`` says whose words its output is. ``reaches`` is the risk of a call where that depends
    on its arguments, and ``risk`` the highest one. ``sends`` gives what leaves for the outside although the tool
    only looks: queries and addresses. ``remembers``: it writes what later turns read as Clara's own or the person's.

    ``private``: what it brings must not leave, although it is found by what it ``sends``.

    ``parameters`` is the JSON schema of a tool of somebody else's, whose ``arguments`` are then ``Given``; ``check``
    says of those what is wrong, in words for the model.
    """

    name: str
    description: str
    arguments: type[A]
    run: Callable[[A, Context], Awaitable[str | ToolOutput]]
    effect: Effect = Effect.READ
    timeout: timedelta = DEFAULT_TIMEOUT
    audience: Audience = Audience.EVERYONE
    verify: Callable[[A, Context], Awaitable[Verdict]] | None = None
    settles_within: timedelta = DEFAULT_SETTLING
    risk: Risk | None = None
    view: Callable[[A], str] | None = None
    provenance: Provenance = Provenance.CLARA
    queue: str = queues.TURNS
    reaches: Callable[[A], Risk] | None = None
    sends: Callable[[A], Sequence[str]] | None = None
    remembers: bool = False
    private: bool = False
    parameters: Mapping[str, Any] | None = None
    check: Callable[[Mapping[str, Any]], str | None] | None = None

    def __post_init__(self) -> None:
        if self.timeout > MAX_TIMEOUT:
            raise ValueError(f"{self.name}: a tool may run for {MAX_TIMEOUT} at most")
        if self.settles_within > MAX_SETTLING:
            raise ValueError(f"{self.name}: the effect of a tool may take {MAX_SETTLING} at most to show")
        if self.verify and self.queue != queues.TURNS:
            # Outcomes are looked up after the turn as well, by the workers of that queue.
            raise ValueError(f"{self.name}: a tool with verify runs on the queue {queues.TURNS}")

    @property
    def lasts(self) -> timedelta:
        """From the start of a write until a look that finds nothing means that it had no effect.

        Without a look nothing is waited for but the end of an attempt that may still be at work.
        """
        return self.timeout + self.settles_within if self.verify else self.timeout

    @cached_property
    def schema(self) -> ToolSchema:
        if self.parameters is not None:
            return ToolSchema(name=self.name, description=self.description, parameters=dict(self.parameters))
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        for field in parameters.get("properties", {}).values():
            field.pop("title", None)
        return ToolSchema(name=self.name, description=self.description, parameters=parameters)

    @cached_property
    def tokens(self) -> int:
        """What its schema costs in a prompt, as an estimate."""
        return schema_tokens(self.schema)

    @cached_property
    def offered(self) -> OfferedTool:
        """What a turn pins of it."""
        return OfferedTool(
            name=self.name,
            hash=schema_hash(self.schema),
            effect=self.effect,
            risk=self.risk or _RISKS[self.effect],
            timeout_s=self.timeout.total_seconds(),
            queue=self.queue,
        )

    def output(self, made: str | ToolOutput) -> ToolOutput:
        """What ``run`` returned, with whose words it is and whether they are private."""
        output = made if isinstance(made, ToolOutput) else ToolOutput(made)
        provenance = output.provenance or self.provenance
        # What others wrote is public only where it was found by what was sent to the outside.
        private = provenance is Provenance.PERSON or (provenance is Provenance.OTHERS and self.sends is None)
        return replace(output, provenance=provenance, private=output.private or self.private or private)

    def parse(self, arguments: dict[str, Any]) -> A:
        """The arguments, checked; ValueError says in words for the model what is wrong."""
        try:
            parsed = self.arguments.model_validate(arguments)
            wrong = self.check(arguments) if self.check else None
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors(include_url=False)
            )
        if wrong:
            raise ValueError(f"The arguments of {self.name} are wrong: {wrong}. Correct them and call again.")
        return parsed

    def label(self, call: ToolCallPart) -> str:
        """One line about a call, for people."""
        if self.view is not None:
            try:
                return " ".join(f"{self.name}: {self.view(self.parse(call.arguments))}".split())[:RESULT_LABEL_LIMIT]
            except ValueError:
                pass  # wrong arguments are answered when the call is run
        return label(call)
