"""A short question to a small model beside the conversation, which nobody watches; its cost is the turn's."""

import logging
from dataclasses import dataclass

from activities.budgets.reserving import BudgetReached, Budgets
from activities.llm.intake import keepable
from activities.llm.providers import Providers
from clara.errors import ClaraError, Unavailable
from clara.llm import history
from clara.llm.models import Completion, Prompt, Route
from clara.messages import Message, TextPart
from store.database import Pool
from store.turns import side_calls
from store.turns.side_calls import Purpose
from temporal.failures import BUSY

log = logging.getLogger(__name__)

BUDGET = "budget"
"""Kind of the Unavailable of a question for which no budget was left."""


@dataclass(frozen=True)
class Question:
    turn_id: str
    purpose: Purpose
    instruction: str
    text: str
    max_tokens: int


async def ask(pool: Pool, models: Providers, route: Route, question: Question, budgets: Budgets) -> Completion:
    """The model's answer, which may be cut off; its faults are the provider's.

    The model is not asked where no budget is left for it, Unavailable of the kind BUDGET, or where only calls under
    way leave none, of the kind BUSY.
    """
    prompt = Prompt(
        system=question.instruction,
        messages=(Message(role="user", parts=(TextPart(text=question.text),)),),
        max_tokens=question.max_tokens,
    )
    turn_id, purpose = question.turn_id, question.purpose
    provider = await models.get(route.provider)
    try:
        await budgets.reserve(turn_id, purpose, route, prompt, history.tokens_of(question.text))
    except BudgetReached as reached:
        if reached.passes:
            raise Unavailable("other calls may use up the budget", kind=BUSY) from None
        log.warning("turn %s: a question about its %s was not asked, for want of %s", turn_id, purpose, reached.about)
        raise Unavailable(f"there is no budget left for it ({reached.budget.name})", kind=BUDGET) from None
    try:
        completion = keepable(await provider.complete(prompt, route.model, _no_image, _ignore, _ignore), 0, 0)
    except ClaraError:
        await budgets.release(turn_id, purpose)
        raise
    await side_calls.save(pool, turn_id, purpose, route.provider, completion.model, completion.usage)
    return completion


async def _no_image(blob_id: str) -> bytes:
    raise LookupError(blob_id)


def _ignore(_: str) -> None:
    """Nobody watches."""
