"""Learning from a turn that has ended: extract, reconcile, store. Each step may be repeated freely.

What a model answered is kept at once, by turn, so that a retry reads it instead of asking again: a
model that rephrases itself would otherwise teach Clara the same thing twice.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from activities.memory.asking import Ask
from activities.memory.memories import Memories
from activities.memory.secrets import holds_secret
from clara.errors import Unavailable
from clara.memory import choosing, extraction, reconcile, sentences
from clara.memory.extraction import Accepted, Quotation
from clara.memory.kinds import EMOTIONAL_DAYS, Memory, Owner, fingerprint, mood_text, project_name, scope
from clara.memory.requests import ExtractOutcome, StoreOutcome
from clara.memory.speech import worth_reading
from clara.messages import Incoming
from store.database import Connection
from store.memory import lessons, search, writing
from store.memory.search import Place
from store.memory.writing import Draft
from store.turns import turns

log = logging.getLogger(__name__)

NEAR_ENOUGH = 0.35
"""Similarity above which a known memory may be about the same thing though it shares no word. Low: a needless
question costs one call of a small model, a missed contradiction stays for good."""


class Learner:
    """``ask`` is None without a real model: then only what a person asks to remember is remembered."""

    def __init__(self, memories: Memories, ask: Ask | None, model: str = "") -> None:
        self._memories = memories
        self._ask = ask
        self.model = model

    async def extract(self, turn_id: str) -> ExtractOutcome:
        """Find what the person said about themselves in the message of a turn, and keep it by turn.

        Only their own words are read: no reply, memory, tool, file, quotation or name comes near the model.
        """
        turn = await turns.get(self._memories.pool, turn_id)
        if turn is None or self._ask is None:
            return ExtractOutcome()
        known = await lessons.get(self._memories.pool, turn_id)
        if known:
            return _outcome(known.accepted)
        said = sentences.cut(turn.message.own_words)
        if not said or not worth_reading(turn.message.own_words):
            return ExtractOutcome()
        project = project_name(turn.message.project)
        answer = await self._ask(
            turn_id, extraction.instruction(), extraction.question([s.text for s in said], project)
        )
        accepted = choosing.accept(extraction.parse(answer), said, project, holds_secret)
        owner = scope(turn.message.user.id)
        log.info(
            "turn %s: %d chosen, refused: %s", turn_id, len(accepted.quotations), ", ".join(accepted.rejected) or "none"
        )
        kept = await lessons.learn(self._memories.pool, turn_id, owner, accepted, self.model)
        return _outcome(kept) if kept else ExtractOutcome()

    async def reconcile(self, turn_id: str) -> None:
        """Decide what becomes of each fact beside the ones that are known, and keep that by turn."""
        lesson = await lessons.get(self._memories.pool, turn_id)
        if lesson is None or lesson.decisions is not None:
            return
        turn = await turns.get(self._memories.pool, turn_id)
        if turn is None:
            return
        owner = scope(lesson.user_id)
        near = [
            # What the model has just remembered by tool is this very sentence, and says nothing of older ones.
            (fact, [m for m in known if m.turn_id != turn_id or fingerprint(m.text) != fingerprint(fact.text)])
            for fact, known in await self._neighbours(
                owner, lesson.accepted.quotations, project_name(turn.message.project)
            )
        ]
        decisions = [reconcile.obvious(fact, known) for fact, known in near]
        unclear = [pair for pair, decision in zip(near, decisions, strict=True) if decision is None]
        if unclear:
            if self._ask is None:
                raise Unavailable("there is no model to compare facts with any more", kind="memory")
            answer = await self._ask(turn_id, reconcile.INSTRUCTION, reconcile.question(unclear))
            made = iter(reconcile.parse(answer, unclear))
            decisions = [decision or next(made) for decision in decisions]
        await lessons.decide(self._memories.pool, turn_id, [d for d in decisions if d])

    async def _neighbours(
        self, owner: Owner, facts: Sequence[Quotation], project: str | None
    ) -> list[tuple[Quotation, list[Memory]]]:
        if not facts:
            return []
        space = self._memories.space
        texts = [f"{fact.text}\n{fact.reading}" if fact.reading else fact.text for fact in facts]
        vectors = await self._memories.embed(space, texts) if space else []
        found = []
        for number, fact in enumerate(facts):
            place = Place(owner, (project,) if project and fact.scope == "project" else ())
            asked = " ".join((texts[number], *fact.keywords))
            known = await search.by_words(self._memories.pool, place, asked, reconcile.NEIGHBOURS)
            near = [memory for memory in known if reconcile.share_words(fact, memory)]
            if space:
                scored = await self._memories.nearest(space, place, vectors[number], reconcile.NEIGHBOURS)
                near += [
                    memory for memory, score in scored if score >= NEAR_ENOUGH or reconcile.share_words(fact, memory)
                ]
            found.append((fact, list({memory.id: memory for memory in near}.values())))
        return found

    async def store(self, turn_id: str) -> StoreOutcome:
        """Write what was decided, once, however often and by however many this is tried."""
        turn = await turns.get(self._memories.pool, turn_id)
        lesson = await lessons.get(self._memories.pool, turn_id)
        if turn is None or lesson is None or lesson.decisions is None:
            return StoreOutcome()
        owner = scope(lesson.user_id)
        pool = self._memories.pool
        replaced: list[str] = []
        written: list[str] = []
        added = 0
        async with pool.connection() as connection, connection.transaction():
            there = await writing.lock_turn(connection, owner, turn_id)
            lesson = await lessons.find(connection, turn_id) if there else None
            if lesson is None or lesson.decisions is None:
                return StoreOutcome()  # the person was forgotten meanwhile
            if await writing.is_taken_back(connection, owner, turn_id):
                await lessons.settle(connection, turn_id)
                return StoreOutcome(dropped=len(lesson.accepted.quotations))
            for number, (fact, decision) in enumerate(zip(lesson.accepted.quotations, lesson.decisions, strict=True)):
                if decision.action == "drop":
                    continue
                done = await writing.write(connection, owner, _draft(turn.message, fact, number))
                added += done.created
                if done.active:
                    written.append(done.id)
                if decision.target and done.active:
                    await writing.replace(connection, owner, decision.target, done.id)
                    replaced.append(decision.target)
            await self._mood(connection, owner, turn.message, lesson.accepted)
            await writing.tidy(connection, owner)
        await self._memories.index_missing(owner, written)
        if replaced:
            await self._memories.index.remove(owner, replaced)
        relations = await self._relate(owner, turn.message)
        dropped = sum(decision.action == "drop" for decision in lesson.decisions)
        return StoreOutcome(added=added, replaced=len(replaced), dropped=dropped, relations=relations)

    async def _mood(self, connection: Connection, owner: Owner, message: Incoming, accepted: Accepted) -> None:
        mood = accepted.mood
        if mood is None:
            return
        draft = Draft(
            text=mood.text,
            reading=mood_text(mood.emotion, mood.valence),
            conversation=message.conversation.id,
            dedupe_key=f"{message.turn_id}#mood",
            origin="conversation",
            kind="emotional",
            private=message.private,
            turn_id=message.turn_id,
            emotion=mood.emotion,
            valence=mood.valence,
            created_at=message.sent_at,
            expires_at=max(message.sent_at, datetime.now(UTC)) + timedelta(days=EMOTIONAL_DAYS),
        )
        await writing.write(connection, owner, draft)

    async def _relate(self, owner: Owner, message: Incoming) -> int:
        """Write the relations of a lesson, which is over with that."""
        project = project_name(message.project)
        async with self._memories.pool.connection() as connection, connection.transaction():
            # The lesson is held meanwhile: who forgets its person waits, and deletes these relations too.
            lesson = await lessons.find(connection, message.turn_id)
            if lesson is None:
                return 0
            relations = lesson.accepted.relations if self._memories.graph else ()
            if self._memories.graph and relations:
                await self._memories.graph.write(owner, relations, message.turn_id, project, message.private)
            await lessons.settle(connection, message.turn_id)
        return len(relations)


def _draft(message: Incoming, fact: Quotation, number: int) -> Draft:
    project = project_name(message.project) if fact.scope == "project" else None
    return Draft(
        text=fact.text,
        dedupe_key=f"{message.turn_id}#{number}",
        origin="conversation",
        kind="project" if project else "user",
        project=project,
        private=message.private,
        turn_id=message.turn_id,
        quoted=fact.quoted,
        reading=fact.reading,
        keywords=fact.keywords,
        conversation=message.conversation.id,
        created_at=message.sent_at,
    )


def _outcome(accepted: Accepted) -> ExtractOutcome:
    return ExtractOutcome(
        facts=len(accepted.quotations),
        relations=len(accepted.relations),
        mood=accepted.mood is not None,
        rejected=accepted.rejected,
    )
