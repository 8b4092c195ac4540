"""The providers of this process, each made when it is first asked for.

Importing an SDK takes one to two seconds of CPU, so it happens in a thread and only for the
providers in use: the event loop goes on beating for the activities that run beside it.
"""

import asyncio

from activities.llm.provider import Provider
from clara.errors import Misconfigured
from clara.settings.llm import KEY_VARIABLES, PROVIDERS, LlmSettings


class Providers:
    def __init__(self, settings: LlmSettings):
        self._settings = settings
        self._made: dict[str, Provider] = {}
        self._making = asyncio.Lock()

    async def get(self, name: str) -> Provider:
        """The provider ``name``; raises Misconfigured, naming the variable, where it has no key."""
        if found := self._made.get(name):
            return found
        if name not in PROVIDERS:
            raise Misconfigured(f"LLM_PROVIDER: must be one of {', '.join(PROVIDERS)}, not {name!r}")
        if name != "scripted" and self._settings.key(name) is None:
            raise Misconfigured(f"{KEY_VARIABLES[name]}: must be set, because the provider {name} is to be used")
        async with self._making:
            if name not in self._made:
                self._made[name] = await asyncio.to_thread(_make, name, self._settings)
            return self._made[name]

    async def close(self) -> None:
        made, self._made = list(self._made.values()), {}
        for provider in made:
            await provider.close()


def _make(name: str, settings: LlmSettings) -> Provider:
    match name:
        case "scripted":
            from activities.llm.scripted.provider import ScriptedProvider

            return ScriptedProvider()
        case "anthropic":
            from activities.llm.anthropic.provider import AnthropicProvider

            return AnthropicProvider(settings)
        case _:
            from activities.llm.openai_compatible.provider import OpenAiCompatibleProvider

            return OpenAiCompatibleProvider(name, settings)
