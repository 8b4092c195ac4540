"""The secret values of a plugin for one person, unsealed for the server that is about to be started for them."""

from collections.abc import Mapping

from clara.plugins.plugin import Plugin, place
from store import plugins
from store.database import Pool
from store.sealing import Sealer


class Values:
    """Sets and reads the values of the variables, or headers, that ``Launch.secrets`` names."""

    def __init__(self, pool: Pool, sealer: Sealer) -> None:
        self._pool = pool
        self._sealer = sealer

    async def __call__(self, plugin: Plugin, user_id: str) -> Mapping[str, str]:
        """By name: everybody's, overruled by the person's own. Misconfigured where the key is not the right one."""
        sealed = await plugins.sealed_for(self._pool, plugin.id, user_id)
        return {
            name: self._sealer.unseal(value, place(plugin.id, owner, name)) for name, (owner, value) in sealed.items()
        }

    async def set(self, plugin: Plugin, user_id: str, name: str, value: str) -> None:
        """Keep a value for a person, or with EVERYBODY for all who use the plugin."""
        sealed = self._sealer.seal(value, place(plugin.id, user_id, name))
        await plugins.seal(self._pool, plugin.id, user_id, name, sealed)
