"""Whether the key that is set is the one that secrets in the database are encrypted with."""

import psycopg
from psycopg import sql

from clara.errors import Misconfigured
from clara.invocation import call
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok
from gateway.doctor.servers.database import connect
from store.sealing import Keys, Sealer
from store.sealing.resealing import TABLES

NAME = "secrets"
MOST = 1_000
"""Secrets of one table that are tried."""


async def check(facts: Facts) -> list[Finding]:
    url = facts.database_url
    if url is None or not facts.can_ask_database:
        return []
    try:
        connection = await connect(url)
        async with connection:
            sealed: list[bytes] = []
            for row in await (await connection.execute(TABLES)).fetchall():
                query = sql.SQL("select sealed from {} limit {}").format(sql.Identifier(str(row[0])), sql.Literal(MOST))
                sealed += [each[0] async for each in await connection.execute(query) if isinstance(each[0], bytes)]
    except psycopg.Error:
        return []  # the database's own check has told
    return verdict(facts, sealed)


def verdict(facts: Facts, sealed: list[bytes]) -> list[Finding]:
    """``sealed``: what is kept. A container that needs no key has none, which is as it should be."""
    keys = Keys.of(facts.settings)
    try:
        keys.current()
    except Misconfigured as error:
        if not sealed or not facts.settings.runtime.embedded_database:
            return []
        return [broken(NAME, f"{len(sealed)} secrets are kept, and no key. {error}", _FIX)]
    sealer = Sealer(keys)
    lost = sum(not _opens(sealer, each) for each in sealed)
    if lost:
        words = f"{lost} of {len(sealed)} secrets are encrypted with another key than those that are set"
        return [broken(NAME, words, f"{_FIX} Then: {call('secrets rotate')}")]
    return [ok(NAME, f"{len(sealed)} can be read with the key")] if sealed else []


def _opens(sealer: Sealer, sealed: bytes) -> bool:
    try:
        sealer.reseal(sealed)
    except Misconfigured:
        return False
    return True


_FIX = "Put the former key back, behind a new one in CLARA_SECRET_KEY, or as secret_key in CLARA_HOME."
