"""Whether anything is learned from what people say: a small model may answer, and never as it was asked."""

from dataclasses import dataclass

import psycopg

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn
from gateway.doctor.servers.database import connect
from store.memory import faults

NAME = "learning"
DAYS = 7
MANY = 0.1
"""Share of answers that are not usable, above which another model is wanted."""


@dataclass(frozen=True)
class Answers:
    model: str
    malformed: int
    answers: int


async def check(facts: Facts) -> list[Finding]:
    url = facts.database_url
    if url is None or not facts.can_ask_database or not facts.settings.memory.enabled:
        return []
    try:
        connection = await connect(url)
        async with connection:
            by_model = await (await connection.execute(faults.BY_MODEL, {"days": DAYS, "owner": None})).fetchall()
            lost = await (await connection.execute(faults.LOST_OF_ALL, {"days": DAYS})).fetchone()
    except psycopg.Error:
        return []  # the database's own check has told
    return verdict(
        [Answers(str(r[0]), int(str(r[1])), int(str(r[2]))) for r in by_model], int(str(lost[0])) if lost else 0
    )


def verdict(answers: list[Answers], lost: int) -> list[Finding]:
    """``lost``: messages from which nothing was learned."""
    if not answers and not lost:
        return []
    told = [f"{each.malformed} of {each.answers} answers of {each.model} were not usable" for each in answers]
    if lost:
        told.append(f"nothing could be learned from {lost} messages")
    words = f"{'; '.join(told)}, in the last {DAYS} days"
    if lost or any(each.malformed > MANY * each.answers for each in answers):
        return [
            warn(NAME, words, "Choose a model that answers with JSON, in MEM0_MODEL. clara logs worker has the rest.")
        ]
    return [ok(NAME, words)]
