"""How the latest turns ended: she may look healthy and fail at every answer."""

from collections import Counter
from dataclasses import dataclass

import psycopg

from adapters.cli.render.printable import one_line
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.doctor.servers.database import connect

NAME = "turns"
IN_A_ROW = 3
"""So many failures without an answer between them are no accident."""

_LATEST = (
    "select id, status, coalesce(reply, ''), extract(epoch from now() - ended_at)::float8 from turns"
    " where ended_at > now() - interval '1 hour' order by ended_at desc limit 200"
)


@dataclass(frozen=True)
class Ended:
    """A turn that ended within the last hour."""

    id: str
    failed: bool
    reply: str
    """Of a failed one: the reason, as the person was told."""
    seconds_ago: float = 0


async def check(facts: Facts) -> list[Finding]:
    url = facts.database_url
    if url is None or not facts.can_ask_database:
        return []
    try:
        connection = await connect(url)
        async with connection:
            rows = await (await connection.execute(_LATEST)).fetchall()
    except psycopg.errors.QueryCanceled:
        return [warn(NAME, "could not be counted within 5 seconds", "See what the database is busy with: clara logs")]
    except psycopg.Error:
        return []  # the database's own check has told
    return verdict([Ended(str(r[0]), r[1] == "failed", str(r[2]), float(str(r[3]))) for r in rows])


def verdict(ended: list[Ended]) -> list[Finding]:
    """``ended`` has the newest first."""
    failed = [turn for turn in ended if turn.failed]
    if not failed:
        return [ok(NAME, f"{len(ended)} in the last hour, none failed")] if ended else []
    reason, _ = Counter(one_line(turn.reply, 200) for turn in failed).most_common(1)[0]
    words = f"{len(failed)} of {len(ended)} failed in the last hour: {reason or 'without a reason'}"
    fix = f"See: clara turn show {failed[0].id}, and: clara logs worker"
    if all(turn.failed for turn in ended[:IN_A_ROW]) and len(ended) >= IN_A_ROW:
        return [broken(NAME, words, f"{fix}. Is it the provider: clara doctor --live")]
    return [warn(NAME, words, fix)]
