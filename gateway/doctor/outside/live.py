"""What only a real request can tell: whether the keys are taken. Costs a few tokens."""

from activities.memory.embedding import embedder
from clara.errors import ClaraError, Misconfigured
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.proofs import discord as bots
from gateway.proofs import model as models

COSTS = (
    "Asking the model and the embeddings of these settings one short question each (usually less than a cent),"
    " and Discord who the bot is."
)


async def model(facts: Facts) -> list[Finding]:
    """One short answer of each model of the default tier, fallbacks too."""
    llm = facts.settings.llm
    found = []
    for route in llm.routes(llm.default_tier):
        if route.provider == "scripted":
            continue
        outcome = await models.of_model(llm, route.provider, route.model)
        name = f"live {route.provider}"
        if outcome.works:
            found.append(ok(name, f"{route.model} {outcome.words}"))
        elif outcome.passing:
            found.append(warn(name, outcome.words, outcome.fix))
        else:
            found.append(broken(name, outcome.words, outcome.fix))
    return found


async def embeddings(facts: Facts) -> list[Finding]:
    memory = facts.settings.memory
    if not memory.enabled or memory.embeddings not in ("openai", "ollama"):
        return []
    made = embedder(memory, facts.settings.runtime.home)
    try:
        await made.embed(["Clara"])
    except Misconfigured as error:
        variable, _, expected = str(error).partition(": ")
        return [broken("live embeddings", f"{memory.embeddings} refuses: {error}", f"Check {variable}: {expected}.")]
    except ClaraError as error:
        return [broken("live embeddings", str(error), "Check EMBEDDINGS_BASE_URL, or try again later.")]
    finally:
        await made.close()
    return [ok("live embeddings", f"{memory.model} makes vectors of {memory.dimensions}")]


async def discord(facts: Facts) -> list[Finding]:
    settings = facts.settings.discord
    if settings.token is None:
        return []
    name = "live discord"
    bot = await bots.who(settings.api_base, settings.token.get_secret_value())
    if bot.error:
        return [(warn if bot.passing else broken)(name, bot.error, bot.fix)]
    found = [ok(name, f"signed in as {bot.name}")]
    if bot.reads_messages is False:
        found.append(broken(name, "the bot may not read messages", bots.INTENT))
    if bot.servers == 0:
        found.append(warn(name, f"{bot.name} is on no server yet", f"Invite her: {bot.invitation}"))
    return found
