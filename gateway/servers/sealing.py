"""Changing the key that secrets are encrypted with."""

from dataclasses import dataclass

from clara.invocation import call
from clara.settings import Settings
from clara.sources.keyfile import new_key, read_keys, write_keys
from gateway.errors import NotRunning
from store.database import open_pool
from store.sealing import Keys, Sealer
from store.sealing.resealing import reseal_all


@dataclass(frozen=True)
class Rotation:
    secrets: int
    """That were encrypted anew."""
    by_setting: bool
    """Whether CLARA_SECRET_KEY says the key, so that only its operator can change it."""
    former: int
    """Keys of CLARA_SECRET_KEY that nothing needs any more."""


async def rotate(settings: Settings) -> Rotation:
    """Encrypt everything with the first of CLARA_SECRET_KEY, or else with a new key in CLARA_HOME.

    Processes that run see the new file by themselves. The key before stays in it, for a secret that one of them
    was just about to keep; it goes with the next rotation.
    """
    told = settings.accounts.secret_key
    home = settings.runtime.home
    before = read_keys(home)
    if settings.runtime.database_url is None or not (told or before):
        raise NotRunning(f"There is nothing to encrypt yet. Start Clara with: {call('start')}")
    if not told:
        write_keys(home, [new_key(), *before])
    pool = await open_pool(settings.runtime.database_url, max_size=1)
    try:
        done = await reseal_all(pool, Sealer(Keys.of(settings)))
    finally:
        await pool.close()
    if not told:
        write_keys(home, read_keys(home)[:2])
    former = told.get_secret_value().count(",") if told else 0
    return Rotation(sum(done.values()), by_setting=told is not None, former=former)
