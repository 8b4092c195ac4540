"""One answer of the model: read the conversation, ask, stream, store. Never paid for twice."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.budgets.reserving import BudgetReached, Budgets, budget_pause
from activities.files.attached import AttachedFiles
from activities.llm.intake import keepable
from activities.llm.patience import COSTLY_TRIES, TRIES, Tries, fallback_notice, gives_way, last_words, retry_notice
from activities.llm.providers import Providers
from activities.llm.routing import guess_tier
from activities.tools.offers import Offers, TurnTools
from activities.turns.closing import unknown_outcomes
from activities.turns.context import ContextBuilder, ContextWindow
from clara.errors import ClaraError, ModelRefused, Unavailable, UserError
from clara.llm.models import MAX_CALLS, Completion, Prompt, Route, Usage
from clara.llm.prompts import system_prompt
from clara.messages import Message, Part, TextPart, ToolCallPart
from clara.settings import Settings
from clara.tools.tool import PREVIEW_LIMIT
from clara.turn import StepOutcome, StepRequest
from store import conversations
from store.budgets import of_step
from store.database import Pool
from store.stream import TurnStream
from store.turns import effects, steps, turns
from store.turns.steps import Step
from store.turns.turns import Turn
from temporal.contracts.turns import Steps
from temporal.failures import BUSY, ROUTE_DOWN, to_application_error
from temporal.processes import heartbeat

log = logging.getLogger(__name__)

ANSWER_TIME = timedelta(minutes=14)
"""Of one answer, from the question to its end; the attempt as a whole has a minute more."""

MODEL_CALLS = 50
"""At once in one process: each holds a whole conversation in memory."""

SMALLEST_BUDGET = 1_000
BUDGET_HELD = "Other answers are being made that may use up the budget; this one comes after them"
NO_WORDS = "I have used all the steps that I may take for one message and have no answer. Please ask more narrowly."


class StepActivities(Steps):
    """Serves ``llm.step``."""

    def __init__(self, pool: Pool, settings: Settings, models: Providers, offers: Offers) -> None:
        self._pool = pool
        self._settings = settings
        self._models = models
        self._offers = offers
        self._budgets = Budgets(pool, settings.budgets, settings.runtime.timezone)
        self._asking = asyncio.Semaphore(MODEL_CALLS)
        files = AttachedFiles(pool, {"discord": settings.discord.max_image_dimension})
        self._contexts = ContextBuilder(pool, settings.runtime.timezone, files)
        self._personality = settings.runtime.personality_text()

    @activity.defn(name="llm.step")
    async def step(self, request: StepRequest) -> StepOutcome:
        """The model's answer; an answer without calls completes the turn in the same transaction."""
        try:
            async with self._asking:
                return await self._step(request)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in _BAD_DATA:
                raise
            # Its other words may quote the answer, which belongs into no history and no log.
            failure = UserError("The answer could not be stored. Please ask in other words.")
            failure.add_note(f"{type(error).__name__}: {error.diag.message_primary or error.sqlstate}")
            raise failure from None
        except (ClaraError, ApplicationError):
            raise
        except Exception as error:
            if activity.info().attempt < COSTLY_TRIES:
                raise
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error

    async def _step(self, request: StepRequest) -> StepOutcome:
        turn = await self._turn(request)
        again = request.again or activity.info().attempt > 1
        stored = await steps.get(self._pool, turn.id, request.step) if again else None
        tools = await self._offers.begin(turn)
        if stored is not None:
            return _outcome(stored, tools)
        if turn.status != "running":
            raise UserError(f"this turn has already ended ({turn.status}).")
        routes = self._settings.llm.routes(turn.tier or self._settings.llm.default_tier)
        route = routes[min(request.route, len(routes) - 1)]
        # The attempts at a fallback come after all of those at the route before it.
        shown = request.route * TRIES + activity.info().attempt
        async with TurnStream(self._pool, turn.message.conversation.id, turn.id, request.step, shown) as stream:
            try:
                completion, context = await self._ask(turn, request, route, tools, stream)
            except BudgetReached as reached:
                if reached.passes and activity.info().attempt < TRIES:
                    stream.notice(BUDGET_HELD)
                    raise Unavailable(BUDGET_HELD, BUSY, budget_pause(activity.info().attempt)) from None
                return await self._wait(turn, request, route, reached)
            except (Unavailable, ModelRefused) as error:
                tries = Tries.noted(heartbeat.noted()).after(error)
                heartbeat.note(tries.faults, tries.costly)
                await self._budgets.release(turn.id, of_step(request.step))
                raise _failure(error, tries, routes, request.route, stream) from error
            answer = keepable(completion, turn.position, request.step)
            step = await self._store(turn, request, route, answer, context)
            if not _calls(step.parts):
                stream.drop()
            for call in _calls(step.parts)[:MAX_CALLS]:
                stream.tool(tools.reference(call).label)
        return _outcome(step, tools)

    async def _wait(self, turn: Turn, request: StepRequest, route: Route, reached: BudgetReached) -> StepOutcome:
        """The model was not asked: the turn waits until a budget has room for it."""
        conversation = turn.message.conversation.id
        await self._budgets.say_wait(conversation, turn.id, request.step, reached.about)
        wait = reached.wait(datetime.now(UTC))
        return StepOutcome(
            step=request.step,
            provider=route.provider,
            model=route.model,
            usage=Usage(),
            route=request.route,
            waits=wait,
        )

    async def _turn(self, request: StepRequest) -> Turn:
        if request.incoming is None:
            turn = await turns.get(self._pool, request.turn_id)
            if turn is None:
                raise UserError("the record of this turn is gone.")
            return turn
        llm = self._settings.llm
        turn = await turns.begin(self._pool, request.incoming, None if llm.auto_tier else llm.default_tier)
        if turn.tier is None:
            tier = await guess_tier(request.incoming, llm, self._models, self._pool, self._budgets)
            await turns.set_tier(self._pool, turn.id, tier)
            turn = replace(turn, tier=tier)
        return turn

    async def _ask(
        self,
        turn: Turn,
        request: StepRequest,
        route: Route,
        tools: TurnTools,
        stream: TurnStream,
    ) -> tuple[Completion, ContextWindow]:
        """The model's answer, and what it had read; what it cannot read at once is cut, oldest first, until it can."""
        provider = await self._models.get(route.provider)
        budget = self._settings.llm.context_tokens
        result_limit = PREVIEW_LIMIT
        while True:
            context = await self._contexts.build(turn, budget, result_limit, request.notice)
            prompt = self._prompt(turn, request, context, tools)
            if self._budgets.are_set or context.limited:
                slot = of_step(request.step)
                await self._budgets.reserve(turn.id, slot, route, prompt, context.tokens, request.step)
            if activity.is_cancelled():
                # The database's pool can swallow a cancellation; a model must not be asked after it.
                raise asyncio.CancelledError
            try:
                async with asyncio.timeout(ANSWER_TIME.total_seconds()):
                    completion = await provider.complete(prompt, route.model, context.load_image, stream.text, _ignore)
            except TimeoutError:
                minutes = ANSWER_TIME // timedelta(minutes=1)
                words = f"The model provider ({route.provider}) did not finish its answer within {minutes} minutes."
                raise Unavailable(words, kind="truncated") from None
            except ModelRefused as error:
                if error.kind != "too_long":
                    raise
                if context.turns > 1:
                    budget = max(SMALLEST_BUDGET, min(budget, context.tokens) // 2)
                    await conversations.learn_context_tokens(self._pool, turn.message.conversation, budget)
                elif result_limit > 500:
                    result_limit //= 4
                else:
                    raise
                log.info("turn %s: too long for %s, reading less: %d tokens", turn.id, route.model, budget)
                continue
            if not completion.parts and not request.must_answer:
                raise Unavailable(f"The model provider ({route.provider}) sent an empty answer.", kind="empty")
            return completion, context

    def _prompt(self, turn: Turn, request: StepRequest, context: ContextWindow, tools: TurnTools) -> Prompt:
        message = turn.message
        runtime = self._settings.runtime
        return Prompt(
            system=system_prompt(
                runtime.name,
                self._personality,
                message.conversation.platform,
                message.private,
                datetime.now(UTC).date(),
            ),
            messages=context.messages,
            tools=tools.schemas(),
            may_call_tools=not request.must_answer,
            max_tokens=self._settings.llm.max_tokens,
        )

    async def _store(
        self, turn: Turn, request: StepRequest, route: Route, completion: Completion, context: ContextWindow
    ) -> Step:
        """Keep the answer; the last one with what it has to say of effects that are still unsettled."""
        parts = completion.parts
        if request.must_answer:
            parts = tuple(p for p in parts if not isinstance(p, ToolCallPart)) or (TextPart(text=NO_WORDS),)
        if completion.stop in ("length", "size") and not _calls(parts):
            space = "\n\n" if any(isinstance(part, TextPart) for part in parts) else ""
            parts = (*parts, TextPart(text=f"{space}({self._cut_off(completion)})"))
        step = Step(turn.id, request.step, parts, route.provider, completion.model, request.route, completion.usage)
        reply = Message(role="assistant", parts=parts).text
        if not _calls(parts) and context.unsettled:
            reply += unknown_outcomes(await effects.unsettled(self._pool, turn.id))
        async with self._pool.connection() as connection:
            if _calls(parts):
                saved = await steps.save(connection, step, context.taint)
            else:
                saved = await steps.save_last(connection, step, turn.message.conversation.id, reply, context.taint)
        if saved:
            return step
        # A lost attempt was alive after all and was faster; its answer counts.
        earlier = await steps.get(self._pool, turn.id, request.step)
        assert earlier is not None
        return earlier

    def _cut_off(self, completion: Completion) -> str:
        if completion.stop == "size":
            return "Cut off: the answer grew far too long."
        return f"Cut off: an answer may have {self._settings.llm.max_tokens:,} tokens."


def _outcome(step: Step, tools: TurnTools) -> StepOutcome:
    return StepOutcome(
        step=step.step,
        calls=tuple(tools.reference(call) for call in _calls(step.parts)[:MAX_CALLS]),
        provider=step.provider,
        model=step.model,
        usage=step.usage,
        route=step.route,
    )


def _calls(parts: tuple[Part, ...]) -> list[ToolCallPart]:
    return [part for part in parts if isinstance(part, ToolCallPart)]


_BAD_DATA = ("22", "54")
"""Classes of SQLSTATE: data that no column takes, and what is too large. Asking the model again would not help."""


def _failure(
    error: Unavailable | ModelRefused, tries: Tries, routes: Sequence[Route], number: int, stream: TurnStream
) -> ApplicationError:
    """What becomes of a provider's fault: another try, another route, or the end; the person is told which."""
    last = number + 1 >= len(routes)
    if not last and gives_way(error, tries):
        stream.notice(fallback_notice(error, routes[number + 1].provider))
        return ApplicationError(str(error), type=ROUTE_DOWN, non_retryable=True)
    if isinstance(error, ModelRefused):
        return to_application_error(error)
    retry, of = tries.next_of(error, last)
    if retry > of or activity.info().attempt >= TRIES:
        spent = datetime.now(UTC) - activity.info().scheduled_time
        words = last_words(error, tries.faults, spent, [route.provider for route in routes[:number]])
        return ApplicationError(words, type=error.kind, non_retryable=True)
    pause = tries.pause(error)
    stream.notice(retry_notice(error, retry, of, pause))
    return ApplicationError(str(error), type=error.kind, next_retry_delay=pause)


def _ignore(_: str) -> None:
    """Tools are announced with their labels, which need the whole call."""
