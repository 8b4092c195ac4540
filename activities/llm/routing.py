"""AUTO_TIER_SELECTION: a small model reads the message and says how capable a one should answer it."""

import logging

from activities.budgets.reserving import Budgets
from activities.llm.asking import Question, ask
from activities.llm.providers import Providers
from clara.errors import ClaraError
from clara.llm.tiers import CLASSIFIER_INSTRUCTION, parse_classification
from clara.messages import Incoming, Message, Tier
from clara.settings.llm import LlmSettings
from store.database import Pool
from temporal.processes.logs import told

log = logging.getLogger(__name__)

READ_CHARACTERS = 2_000
"""Of a message that is classified; its beginning tells how hard it is."""

CLASSIFIER_TOKENS = 1_024
"""One word is asked for, but models that think first spend tokens on it."""


async def guess_tier(message: Incoming, settings: LlmSettings, models: Providers, pool: Pool, budgets: Budgets) -> Tier:
    """How capable a model a message needs, by the word of the low tier's; the default where it has none."""
    question = Question(
        turn_id=message.turn_id,
        purpose="tier",
        instruction=CLASSIFIER_INSTRUCTION,
        text=message.text[:READ_CHARACTERS],
        max_tokens=CLASSIFIER_TOKENS,
    )
    try:
        answer = await ask(pool, models, settings.routes("low")[0], question, budgets)
    except ClaraError as error:
        log.warning("turn %s: the tier could not be guessed: %s", message.turn_id, told(error))
        return settings.default_tier
    return parse_classification(Message(role="assistant", parts=answer.parts).text)
