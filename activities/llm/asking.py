"""A short question to a small model beside the conversation, which nobody watches; its cost is the turn's."""

from dataclasses import dataclass

from activities.llm.intake import keepable
from activities.llm.providers import Providers
from clara.llm.models import Completion, Prompt, Route
from clara.messages import Message, TextPart
from store.database import Pool
from store.turns import side_calls
from store.turns.side_calls import Purpose


@dataclass(frozen=True)
class Question:
    turn_id: str
    purpose: Purpose
    instruction: str
    text: str
    max_tokens: int


async def ask(pool: Pool, models: Providers, route: Route, question: Question) -> Completion:
    """The model's answer, which may be cut off; its faults are the provider's."""
    prompt = Prompt(
        system=question.instruction,
        messages=(Message(role="user", parts=(TextPart(text=question.text),)),),
        max_tokens=question.max_tokens,
    )
    provider = await models.get(route.provider)
    completion = keepable(await provider.complete(prompt, route.model, _no_image, _ignore, _ignore), 0, 0)
    await side_calls.save(pool, question.turn_id, question.purpose, route.provider, completion.model, completion.usage)
    return completion


async def _no_image(blob_id: str) -> bytes:
    raise LookupError(blob_id)


def _ignore(_: str) -> None:
    """Nobody watches."""
