"""What is remembered of people."""

from temporalio import activity

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


class Memory:
    @activity.defn(name="memory.recall")
    async def recall(self, request: RecallRequest) -> RecallOutcome:
        """Find what a turn should know about its person and keep it for all steps of the turn."""
        raise NotImplementedError

    @activity.defn(name="memory.extract")
    async def extract(self, request: RememberRequest) -> ExtractOutcome:
        """Find what the person said about themselves, and keep it by turn; the model is asked once."""
        raise NotImplementedError

    @activity.defn(name="memory.reconcile")
    async def reconcile(self, request: RememberRequest) -> None:
        """Decide what becomes of each fact beside the ones that are known, and keep that by turn."""
        raise NotImplementedError

    @activity.defn(name="memory.store")
    async def store(self, request: RememberRequest) -> StoreOutcome:
        """Write what was decided, once, however often this is tried."""
        raise NotImplementedError

    @activity.defn(name="memory.give_up")
    async def give_up(self, request: LostRequest) -> None:
        """Keep, for its person, that nothing will be learned from a turn."""
        raise NotImplementedError

    @activity.defn(name="memory.command")
    async def command(self, command: MemoryCommand) -> MemoryReply:
        """Do what a person asks of their own memory; a mistake of theirs is an answer, not an error."""
        raise NotImplementedError

    @activity.defn(name="memory.reindex")
    async def reindex(self, request: ReindexRequest) -> ReindexProgress:
        """Make some of the vectors that are missing; may be ended at any time, and begun again."""
        raise NotImplementedError
