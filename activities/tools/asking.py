"""The question before a tool runs: may it, must a person be asked, or is it refused."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from activities.tools.offers import TurnTools
from activities.tools.tool import Context, Tool
from activities.tools.waiting import Waits, lapsed
from clara.approvals.leaking import carries
from clara.approvals.policy import Call, Decision, decide
from clara.approvals.question import ANSWER_WITHIN, Question, binding, card, card_key, described, question_id
from clara.approvals.rules import Rule
from clara.approvals.taint import Taint
from clara.llm.models import MAX_CALLS
from clara.memory import speech
from clara.messages import ToolCallPart
from clara.notices import Notice
from clara.text import storable
from clara.tools.tool import Effect, Risk
from store import approvals, grants
from store.approvals import Approval
from store.database import Pool
from store.turns import effects, steps
from store.turns import taint as read
from store.turns.turns import Turn

DENIED = (
    "The person said no to this call, so it was not run. Do not try the same by other means. "
    "Say that you have not done it, and ask what they want instead."
)
CHANGED = "This call is no longer what the person said yes to, so it was not run. Call again, and they are asked again."

QUIET = frozenset({Risk.LOOK, Risk.CHANGE})


class Asks(Waits):
    """A person has been asked; the call is run again when they have answered."""


class Gate:
    """Stands before every call. ``notify`` sends a notice once by its key, ``taint_of`` says what a turn has read."""

    def __init__(
        self,
        pool: Pool,
        rules: Sequence[Rule],
        notify: Callable[[Notice], Awaitable[None]],
        taint_of: Callable[[Turn], Awaitable[Taint]],
    ) -> None:
        self._pool = pool
        self._rules = rules
        self._notify = notify
        self._taint_of = taint_of

    async def check(
        self,
        turn: Turn,
        step: int,
        part: ToolCallPart,
        tool: Tool[Any],
        arguments: Any,
        offered: TurnTools,
        context: Context,
    ) -> str | None:
        """None where the call may run, else why it is refused, for the model. Raises Asks where a person is asked."""
        if not self._rules and self._is_free(tool):
            return None
        taint = await self._taint_of(turn)
        decision = await self._decide(turn, tool, arguments, offered, taint)
        if decision.what == "run":
            return None
        if decision.what == "refuse":
            return decision.why
        if tool.effect is Effect.WRITE and await effects.get(self._pool, context.key):
            return None  # it was begun after a yes: the ledger knows what became of it
        asked = await approvals.of_step(self._pool, turn.id, step)
        if part.id not in asked:
            if decision.lasting and await self._is_granted(turn, tool):
                return None
            asked = await self._ask(turn, step, offered, taint)
        known = asked[part.id]
        if known.state == "open":
            # Also if it was asked before: the attempt that did may have died before anybody was told.
            await self._tell(turn, [each for each in asked.values() if each.state == "open"])
        return _answered(known, tool, part)

    def _is_free(self, tool: Tool[Any]) -> bool:
        """Whether it runs by default whatever the turn has read."""
        return tool.offered.risk in QUIET and not tool.remembers and tool.sends is None

    async def _leaks(self, turn: Turn, tool: Tool[Any], arguments: Any, offered: TurnTools, taint: Taint) -> bool:
        """Whether a tool that only looks would send what may carry private words, after a turn has read others'."""
        if tool.sends is None or not (taint and taint.private):
            return False
        outside = [each.name for each in offered.available.tools.values() if each.sends is not None]
        message = turn.message
        return carries(
            tool.sends(arguments),
            speech.spoken(message.own_words),
            await read.outside(self._pool, turn.id, outside),
            [f"{message.sent_at:%Y %B %b %d} {message.sent_at.day}"],
        )

    async def _decide(self, turn: Turn, tool: Tool[Any], arguments: Any, offered: TurnTools, taint: Taint) -> Decision:
        call = Call(
            tool=tool.name,
            risk=tool.reaches(arguments) if tool.reaches else tool.offered.risk,
            toolset=offered.available.toolset_of[tool.name],
            person=turn.message.user.id,
            admin=turn.message.admin,
            remembers=tool.remembers,
            leaks=await self._leaks(turn, tool, arguments, offered, taint),
        )
        return decide(call, taint, self._rules)

    async def _is_granted(self, turn: Turn, tool: Tool[Any]) -> bool:
        message = turn.message
        return await grants.use(self._pool, message.user.id, tool.name, tool.offered.hash, message.conversation.id)

    async def _ask(self, turn: Turn, step: int, offered: TurnTools, taint: Taint) -> dict[str, Approval]:
        """Keep the questions about all calls of one answer that have to be asked about."""
        stored = await steps.get(self._pool, turn.id, step)
        calls = [each for each in (stored.parts if stored else ()) if isinstance(each, ToolCallPart)][:MAX_CALLS]
        asked = await approvals.of_step(self._pool, turn.id, step)
        found = [await self._question(turn, step, each, offered, taint) for each in calls if each.id not in asked]
        await approvals.ask(self._pool, [each for each in found if each is not None])
        return await approvals.of_step(self._pool, turn.id, step)

    async def _tell(self, turn: Turn, asked: Sequence[Approval]) -> None:
        message = turn.message
        shown = [Question(each.id, each.view, each.why, each.lasting) for each in asked]
        await self._notify(
            Notice(
                key=card_key(asked[0].card),
                user_id=message.user.id,
                to=message.conversation,
                reply_to=message.reply_to,
                text=card(shown, message.conversation.platform),
            )
        )

    async def _question(
        self, turn: Turn, step: int, part: ToolCallPart, offered: TurnTools, taint: Taint
    ) -> Approval | None:
        """What is to be asked about one of the calls; None where it may run, or will be refused."""
        tool = offered.find(part.name)
        if tool is None:
            return None
        try:
            arguments = tool.parse(part.arguments)
        except ValueError:
            return None
        decision = await self._decide(turn, tool, arguments, offered, taint)
        if decision.what != "ask":
            return None
        if decision.lasting and await self._is_granted(turn, tool):
            return None
        return Approval(
            id=question_id(turn.id, step, part.id),
            turn_id=turn.id,
            step=step,
            call_id=part.id,
            card=question_id(turn.id, step),
            user_id=turn.message.user.id,
            tool=tool.name,
            tool_hash=tool.offered.hash,
            binding=binding(tool.offered, part),
            view=storable(described(tool.name, tool.view and tool.view(arguments), part.arguments)),
            why=decision.why,
            lasting=decision.lasting,
            until=datetime.now(UTC) + ANSWER_WITHIN,
        )


def _answered(known: Approval, tool: Tool[Any], part: ToolCallPart) -> str | None:
    remaining = known.until - datetime.now(UTC)
    if known.state == "open" and remaining.total_seconds() > 0:
        raise Asks(f"your yes [{known.id}]: {' '.join(known.view.split())}", remaining)
    if known.state == "denied":
        return DENIED
    if known.state != "allowed":
        return lapsed(ANSWER_WITHIN)
    return None if known.binding == binding(tool.offered, part) else CHANGED
