"""What is kept of scripted conversations: recall, stale facts, duplicates and junk, in percent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.memory.learning import Learner
from activities.memory.memories import Memories
from benchmarks.memory.scripts import SCRIPTS, Expected, Script
from clara.errors import ClaraError
from clara.memory.kinds import Memory, scope
from clara.messages import ConversationKey, Incoming, Person
from store.memory import records
from store.memory.search import Place
from store.turns import turns

NEAREST = 3
"""A question counts as answered if its fact is among so many."""

ATTEMPTS = 3
"""A model that does not answer as asked is asked again, as the workflow would."""


@dataclass
class Account:
    """Counts over all scripts. A failed message is one that no attempt could learn from."""

    expected: int = 0
    kept: int = 0
    stale_possible: int = 0
    stale: int = 0
    memories: int = 0
    duplicates: int = 0
    junk: int = 0
    asked: int = 0
    found: int = 0
    found_paraphrased: int = 0
    failed: int = 0

    def percent(self) -> dict[str, float]:
        def share(part: int, whole: int) -> float:
            return round(100 * part / whole, 1) if whole else 0.0

        return {
            "recall": share(self.kept, self.expected),
            "stale": share(self.stale, self.stale_possible),
            "duplicates": share(self.duplicates, self.memories),
            "junk": share(self.junk, self.memories),
            "found by its words": share(self.found, self.asked),
            "found by other words": share(self.found_paraphrased, self.asked),
            "failed messages": float(self.failed),
        }


async def measure(memories: Memories, learner: Learner, run: str, scripts: Sequence[Script] = SCRIPTS) -> Account:
    """Hold every conversation with a person of its own. ``run`` keeps runs on one database apart."""
    account = Account()
    for number, script in enumerate(scripts):
        user = f"cli:bench-{run}-{number}"
        for index, text in enumerate(script.said):
            await _say(memories, learner, account, user, text, index)
        await _judge(memories, account, user, script)
    return account


async def _say(memories: Memories, learner: Learner, account: Account, user: str, text: str, index: int) -> None:
    message = Incoming(
        id=f"m{index}",
        conversation=ConversationKey(platform="cli", channel=user.partition(":")[2]),
        user=Person(id=user, name="Bench"),
        text=text,
        sent_at=datetime.now(UTC) + timedelta(seconds=index),
    )
    turn = await turns.begin(memories.pool, message)
    async with memories.pool.connection() as connection:
        await turns.complete(connection, turn.id, message.conversation.id, "I see.")
    for attempt in range(ATTEMPTS):
        try:
            await learner.extract(turn.id)
            await learner.reconcile(turn.id)
            await learner.store(turn.id)
            return
        except ClaraError:
            if attempt == ATTEMPTS - 1:
                account.failed += 1


async def _judge(memories: Memories, account: Account, user: str, script: Script) -> None:
    owner = scope(user)
    kept = await records.newest(memories.pool, owner, ["user", "project", "key"], 1_000)
    account.memories += len(kept)
    matched: set[str] = set()
    for expected in script.expected:
        matching = [memory for memory in kept if _matches(memory, expected.words)]
        account.expected += 1
        account.kept += bool(matching)
        account.duplicates += max(0, len(matching) - 1)
        matched |= {memory.id for memory in matching}
        account.asked += 1
        account.found += await _finds(memories, user, expected, expected.question)
        account.found_paraphrased += await _finds(memories, user, expected, expected.paraphrase)
    for words in script.stale:
        old = [memory for memory in kept if _matches(memory, words) and memory.id not in matched]
        account.stale_possible += 1
        account.stale += bool(old)
        matched |= {memory.id for memory in old}
    account.junk += sum(memory.id not in matched for memory in kept)


async def _finds(memories: Memories, user: str, expected: Expected, question: str) -> bool:
    found = await memories.search(Place(scope(user)), question, NEAREST)
    return any(_matches(memory, expected.words) for memory in found)


def _matches(memory: Memory, words: tuple[str, ...]) -> bool:
    return all(word in memory.text.casefold() for word in words)
