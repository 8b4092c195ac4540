"""Asking the small model a question about memories, and getting its whole answer as text."""

from collections.abc import Awaitable, Callable

from activities.budgets.reserving import Budgets
from activities.llm import asking
from activities.llm.providers import Providers
from clara.errors import Misconfigured, Unavailable
from clara.llm.models import Route
from clara.messages import Message
from clara.settings import Settings
from store.database import Pool

ANSWER_TOKENS = 2_000

Ask = Callable[[str, str, str], Awaitable[str]]
"""From a turn's id, instruction and question to the answer's text."""


def route(settings: Settings) -> Route | None:
    """The model that extracts facts: MEM0_PROVIDER and MEM0_MODEL, else the low tier; None where there is none.

    The scripted provider is no model: it would answer with anything but JSON.
    """
    provider = settings.memory.extraction_provider or settings.llm.provider
    if provider == "scripted":
        return None
    if settings.memory.extraction_provider and settings.llm.key(provider) is None:
        raise Misconfigured(f"MEM0_PROVIDER: must be a provider that has a key, not {provider}")
    return Route(provider=provider, model=settings.memory.extraction_model or settings.llm.model(provider, "low"))


def asker(settings: Settings, models: Providers, pool: Pool) -> Ask | None:
    """Asks ``route``'s model; None where there is none. One answer, whole or an error."""
    chosen = route(settings)
    if chosen is None:
        return None
    budgets = Budgets(pool, settings.budgets, settings.runtime.timezone)

    async def ask(turn_id: str, instruction: str, question: str) -> str:
        asked = asking.Question(turn_id, "memory", instruction, question, ANSWER_TOKENS)
        completion = await asking.ask(pool, models, chosen, asked, budgets)
        if completion.stop != "end":
            raise Unavailable("the model's answer about memories was cut off", kind="malformed")
        return Message(role="assistant", parts=completion.parts).text

    return ask
