"""Forgetting one memory: its words, those of what it had replaced, and their copies beside the conversation.

A message that the person wrote, and what was answered, stay as they are: they are the conversation.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from clara.memory.kinds import Owner
from store.database import Connection, Pool
from store.memory import lessons, removals
from store.memory.writing import lock

TOOLS = ("remember", "recall", "forget")
"""Of the answering model: their calls and results hold memories."""

GONE = "What this said was forgotten since."

SHORTEST = 3
"""Characters of what is looked for in other texts: less than this stands everywhere."""

_WORD = re.compile(r"[^\W_]+")
_RELATED = 4
"""Letters of a word that a relation has in common with a memory, to be taken for a part of it."""


@dataclass(frozen=True)
class Said:
    """A message that still holds the words."""

    conversation: str
    at: datetime


@dataclass(frozen=True)
class Wiped:
    """A memory as it was. What is kept outside of the store goes by it."""

    id: str
    text: str
    reading: str | None
    turn_id: str | None
    dedupe_key: str


@dataclass(frozen=True)
class Forgotten:
    wiped: list[Wiped]
    messages: list[Said]


class _Words:
    """What is to go, to be found in texts that were folded in the same way."""

    def __init__(self, wiped: Sequence[Wiped]) -> None:
        self._ids = {each.id[:8] for each in wiped}
        texts = [text for each in wiped for text in (each.text, each.reading) if text]
        self._texts = {folded for text in texts if len(folded := _fold(text)) >= SHORTEST}
        self._single = {word for text in self._texts for word in text.split() if len(word) >= _RELATED}

    def are_in(self, text: str) -> bool:
        folded = _fold(text)
        # Whole words, so that "Ana" is not in "banana"; other scripts may set no spaces between theirs.
        found = any(f" {words} " in f" {folded} " or (not words.isascii() and words in folded) for words in self._texts)
        return found or any(digits in text for digits in self._ids)

    def touch(self, relation: str) -> bool:
        return bool(self._single & set(_fold(relation).split()))


def _fold(text: str) -> str:
    """Its words, whatever their case and the punctuation."""
    return " ".join(_WORD.findall(text.casefold()))


async def forget(pool: Pool, owner: Owner, memory_id: str) -> Forgotten:
    """Wipe a memory and all that it had replaced, or that its person took back for it, in one transaction.

    A row without words stays, so that no retry of what it was learned from brings it back.
    """
    async with pool.connection() as connection, connection.transaction():
        await lock(connection, owner)
        rows = await (
            await connection.execute(
                "with recursive chain as ("
                " select id from memories where id = %(id)s and user_id = %(owner)s"
                " union select m.id from memories m join chain c on m.replaced_by = c.id where m.user_id = %(owner)s"
                ") select id::text, text, reading, turn_id, dedupe_key from memories"
                " where id in (select id from chain) and state <> 'forgotten' order by id for update",
                {"id": memory_id, "owner": owner},
            )
        ).fetchall()
        wiped = [Wiped(**row) for row in rows]
        ids = [each.id for each in wiped]
        words = _Words(wiped)
        await removals.note(connection, owner, [(each.id, each.turn_id) for each in wiped])
        await connection.execute(
            "update memories set state = 'forgotten', text = '', fingerprint = '', reading = null, keywords = '{}',"
            " quote = null, turn_id = null, conversation = null, emotion = null, valence = null,"
            " replaced_by = null, ended_at = now() where user_id = %s and id = any(%s::uuid[])",
            (owner, ids),
        )
        await lessons.drop(connection, owner, words.are_in, words.touch)
        await lessons.drop_recalled(connection, owner, ids, words.are_in, words.touch)
        turn_ids = [each.turn_id for each in wiped if each.turn_id]
        asked = {each.dedupe_key.removeprefix("tool ") for each in wiped}
        await _wipe_calls(connection, owner, words, turn_ids, asked)
        said = await (
            await connection.execute(
                "select conversation_id as conversation, (message->>'sent_at')::timestamptz as at from turns"
                " where id = any(%s) and user_id = %s order by at",
                (turn_ids, owner),
            )
        ).fetchall()
    return Forgotten(wiped, [Said(**row) for row in said])


async def _wipe_calls(
    connection: Connection, owner: Owner, words: _Words, turn_ids: Sequence[str], asked: Iterable[str]
) -> None:
    """Empty the calls of the memory's tools that named it, and what they brought."""
    steps = await (
        await connection.execute(
            "select s.turn_id, s.step, s.parts from steps s join turns t on t.id = s.turn_id where t.user_id = %s"
            " and exists (select from jsonb_array_elements(s.parts) part where part->>'name' = any(%s))"
            " order by s.turn_id, s.step for update of s",
            (owner, list(TOOLS)),
        )
    ).fetchall()
    results = await (
        await connection.execute(
            "select r.turn_id, r.step, r.call_id, r.preview, convert_from(b.data, 'UTF8') as whole from tool_results r"
            " join turns t on t.id = r.turn_id left join blobs b on b.id = r.blob_id"
            " where t.user_id = %s and r.tool = any(%s)",
            (owner, list(TOOLS)),
        )
    ).fetchall()
    brought = {(row["turn_id"], row["step"], row["call_id"]): row for row in results}
    from_it, asked = set(turn_ids), set(asked)
    for row in steps:
        changed = False
        for part in row["parts"]:
            if part.get("name") not in TOOLS or "arguments" not in part:
                continue
            place = (row["turn_id"], row["step"], part["id"])
            result = brought.get(place)
            made = (part["name"] == "remember" and row["turn_id"] in from_it) or "/".join(map(str, place)) in asked
            texts = [*_strings(part["arguments"]), part.get("malformed") or ""]
            texts += (result["preview"], result["whole"] or "") if result else ()
            if made or any(words.are_in(text) for text in texts):
                part["arguments"], part["malformed"], changed = {}, None, True
                await _empty_result(connection, place)
        if changed:
            await connection.execute(
                "update steps set parts = %s where turn_id = %s and step = %s",
                (Jsonb(row["parts"]), row["turn_id"], row["step"]),
            )


async def _empty_result(connection: Connection, place: tuple[str, int, str]) -> None:
    await connection.execute(
        "with emptied as (update tool_results r set preview = %s, size = %s from tool_results before"
        "  where (r.turn_id, r.step, r.call_id) = (%s, %s, %s) and before.turn_id = r.turn_id"
        "  and before.step = r.step and before.call_id = r.call_id returning before.blob_id)"
        " delete from blobs where id in (select blob_id from emptied)",
        (GONE, len(GONE), *place),
    )


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _strings(each)]
