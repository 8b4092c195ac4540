"""The turn as data: what the model decided at each step, and what is done next.

``advance`` is the whole loop. It sees decisions only; texts, arguments and results stay in the
store, where the activities that need them find them by turn, step and call.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from pydantic import Field

from clara.llm.models import Usage
from clara.messages import ConversationKey, Incoming, TurnStatus, Value
from clara.tools.tool import Effect

MAX_STEPS = 40
"""Model calls of one turn. At the last one no tools are offered, so the model has to answer."""

MAX_IDENTICAL_CALLS = 3
"""The same tool with the same arguments, in one turn; a fourth time ends the use of tools."""


class ToolCallRef(Value):
    """A tool call that the model asked for; its arguments are stored with the step."""

    id: str
    name: str
    effect: Effect
    timeout_s: float
    fingerprint: str = Field(description="hash of name and arguments, to notice repetition")
    label: str = Field(description="one short line for people: the tool and what it is used on")
    queue: str = Field("", description="where the tool runs; empty for the queue of turns")


class StepRequest(Value):
    """Asks for the model's answer number ``step`` of a turn."""

    turn_id: str
    step: int
    incoming: Incoming | None = Field(None, description="given at step 0, which records it")
    route: int = Field(0, description="0 is the provider itself, later ones are its fallbacks")
    must_answer: bool = Field(False, description="offer no tools: the turn ends with this step")
    notice: str = Field("", description="what the model should know is missing, in plain words")
    again: bool = Field(False, description="an earlier round of attempts may have stored the answer")


class BudgetWait(Value):
    """A model call that fits into no budget; the turn waits for one."""

    about: str = Field(description="one line for people: which budget, how much is used, who can raise it")
    renews_in: timedelta | None = Field(None, description="from then on the call fits; None: only once it is raised")


class StepOutcome(Value):
    """What the model decided. Without calls, its text is the answer and the turn is completed."""

    step: int
    calls: tuple[ToolCallRef, ...] = ()
    provider: str
    model: str
    usage: Usage
    route: int = 0
    waits: BudgetWait | None = Field(None, description="the model was not asked: no budget is left for it")


class ToolRequest(Value):
    turn_id: str
    step: int
    call: ToolCallRef


class ToolOutcome(Value):
    call_id: str
    is_error: bool = False
    ambiguous: bool = False
    size: int = Field(0, description="characters of the whole output")
    waits: timedelta | None = Field(None, description="no result yet: it comes from outside, within this time")
    asks: bool = Field(False, description="what it waits for is a person's yes: then it is run again")


class CallPlace(Value):
    """Where a tool call stands."""

    step: int
    call_id: str


class ToolWait(Value):
    """Ends the wait for a tool's result that did not come from outside."""

    turn_id: str
    place: CallPlace


class CloseRequest(Value):
    """Ends a turn that did not end with an answer."""

    incoming: Incoming
    status: TurnStatus
    reason: str = Field("", description="for the person, in plain words; empty when stopped")
    will_look: bool = Field(False, description="what became of open writes is looked up afterwards")


class TurnResult(Value):
    """What the turn's workflow returns: the outcome, not the text, which the store has."""

    turn_id: str
    status: TurnStatus
    steps: int
    usage: Usage
    model: str | None = None
    notice: str = Field("", description="what was missing while the answer was made")


class Delivery(Value):
    """Asks an adapter to send the reply of a turn that has ended, or a notice, which has no turn."""

    turn_id: str = ""
    status: TurnStatus = "completed"
    correction: str = Field("", description="added to a reply that was sent before; empty for the reply itself")
    notice: str = Field("", description="key of the notice that is to be sent, instead of a turn's reply")
    to: ConversationKey | None = Field(None, description="where to; deliveries of release 2026.47 have none")
    reply_to: str | None = Field(None, description="the platform's message that this answers, where there is one")


class LoopState(Value):
    """Where the loop stands."""

    step: int = 0
    route: int = 0
    seen: dict[str, int] = Field(default_factory=dict)
    usage: Usage = Usage()
    model: str | None = None
    must_answer: bool = False


class RunTools(Value):
    """Run each batch after the one before it; the calls within a batch at the same time."""

    kind: Literal["run_tools"] = "run_tools"
    batches: tuple[tuple[ToolCallRef, ...], ...]


class Answered(Value):
    kind: Literal["answered"] = "answered"


class SkipTools(Value):
    """The model turns in circles: its calls are not run, and the next step must answer."""

    kind: Literal["skip_tools"] = "skip_tools"


Next = RunTools | Answered | SkipTools


def advance(state: LoopState, outcome: StepOutcome) -> tuple[LoopState, Next]:
    """Fold one answer of the model into the state, and say what is next."""
    seen = dict(state.seen)
    for call in outcome.calls:
        seen[call.fingerprint] = seen.get(call.fingerprint, 0) + 1
    circling = any(seen[call.fingerprint] > MAX_IDENTICAL_CALLS for call in outcome.calls)
    step = state.step + 1
    after = state.model_copy(
        update={
            "step": step,
            "route": outcome.route,
            "seen": seen,
            "usage": state.usage + outcome.usage,
            "model": outcome.model,
            "must_answer": circling or step >= MAX_STEPS - 1,
        }
    )
    if not outcome.calls:
        return after, Answered()
    if circling:
        return after, SkipTools()
    return after, RunTools(batches=_batches(outcome.calls))


def _batches(calls: Sequence[ToolCallRef]) -> tuple[tuple[ToolCallRef, ...], ...]:
    """Neighbouring reads together; everything that changes the world alone, in the model's order."""
    batches: list[list[ToolCallRef]] = []
    for call in calls:
        independent = call.effect is Effect.READ
        if independent and batches and batches[-1][0].effect is Effect.READ:
            batches[-1].append(call)
        else:
            batches.append([call])
    return tuple(tuple(batch) for batch in batches)
