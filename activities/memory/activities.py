"""The memory's activities, as workflows ask for them."""

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.llm.asking import BUDGET
from activities.llm.faults import COSTLY
from activities.llm.patience import COSTLY_TRIES, Tries
from activities.memory import commands
from activities.memory.asking import Ask
from activities.memory.learning import Learner
from activities.memory.memories import Memories
from activities.memory.recalling import recall_and_keep
from activities.memory.reindexing import reindex
from clara.errors import Unavailable, UserError
from clara.memory.kinds import scope
from clara.memory.recall import RecallOutcome, RecallRequest
from clara.memory.requests import (
    ExtractOutcome,
    LostRequest,
    MemoryCommand,
    MemoryReply,
    ReindexProgress,
    ReindexRequest,
    RememberRequest,
    StoreOutcome,
)
from clara.memory.speech import worth_reading
from clara.settings.memory import MemorySettings
from store.memory import faults
from store.turns import turns
from temporal.contracts.memory import Memory

MALFORMED = "malformed"
"""Kind of an answer that is not what was asked."""

PATIENCE = 3
"""Answers of a model that are not what was asked, before the turn is left unlearned: each costs money."""


class MemoryActivities(Memory):
    """Serves ``memory.*``. ``ask`` is None where no real model is configured."""

    def __init__(
        self,
        memories: Memories,
        settings: MemorySettings,
        ask: Ask | None,
        model: str = "",
        client: Client | None = None,
    ) -> None:
        self._memories = memories
        self._client = client
        self._settings = settings
        self._learner = Learner(memories, ask, model)
        self._can_learn = ask is not None

    @activity.defn(name="memory.recall")
    async def recall(self, request: RecallRequest) -> RecallOutcome:
        outcome = await recall_and_keep(
            self._memories, request, self._settings.context_tokens, self._settings.recall_timeout
        )
        # Decided here and not in the workflow: there a new version of the rule would break replays.
        return outcome.model_copy(update={"learn": self._can_learn and worth_reading(request.query)})

    @activity.defn(name="memory.extract")
    async def extract(self, request: RememberRequest) -> ExtractOutcome:
        try:
            return await self._learner.extract(request.turn_id)
        except Unavailable as error:
            raise await self._failure(request.turn_id, error) from error

    @activity.defn(name="memory.reconcile")
    async def reconcile(self, request: RememberRequest) -> None:
        try:
            await self._learner.reconcile(request.turn_id)
        except Unavailable as error:
            raise await self._failure(request.turn_id, error) from error

    @activity.defn(name="memory.store")
    async def store(self, request: RememberRequest) -> StoreOutcome:
        return await self._learner.store(request.turn_id)

    @activity.defn(name="memory.give_up")
    async def give_up(self, request: LostRequest) -> None:
        turn = await turns.get(self._memories.pool, request.turn_id)
        if turn is not None:
            owner = scope(turn.message.user.id)
            await faults.lose(self._memories.pool, turn.id, owner, self._learner.model, request.kind)

    @activity.defn(name="memory.command")
    async def command(self, command: MemoryCommand) -> MemoryReply:
        if command.reference:
            return await commands.run_kept(self._memories, command, self._client)
        try:
            return await commands.run(self._memories, command, self._client)
        except UserError as error:
            return MemoryReply(text=str(error))

    @activity.defn(name="memory.reindex")
    async def reindex(self, request: ReindexRequest) -> ReindexProgress:
        return await reindex(self._memories, request)

    async def _failure(self, turn_id: str, error: Unavailable) -> ApplicationError:
        turn = await turns.get(self._memories.pool, turn_id) if error.kind == MALFORMED else None
        if turn is not None:
            owner = scope(turn.message.user.id)
            await faults.count(self._memories.pool, turn.id, owner, self._learner.model, error.kind)
        return _failure(error)


def _failure(error: Unavailable) -> ApplicationError:
    attempt = activity.info().attempt
    most = {MALFORMED: PATIENCE, BUDGET: 1, **dict.fromkeys(COSTLY, COSTLY_TRIES)}.get(error.kind)
    if most is not None and attempt >= most:
        return ApplicationError(str(error), type=error.kind, non_retryable=True)
    return ApplicationError(str(error), type=error.kind, next_retry_delay=Tries(attempt).pause(error))
