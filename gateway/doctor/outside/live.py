"""What only a real request can tell: whether the keys are taken. Costs a few tokens."""

from activities.memory import offering
from activities.memory.embedding import OpenAiEmbedder, embedder
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
    if not memory.enabled or memory.embeddings not in ("auto", "openai", "ollama"):
        return []
    made, who = embedder(memory, facts.settings.runtime.home), str(memory.embeddings)
    if made is None:
        candidates = offering.services(facts.settings)
        if not candidates or not (memory.openai_key or memory.embeddings_url):
            return []  # that another provider offers none is no fault
        made, who = OpenAiEmbedder(candidates[0]), candidates[0].provider
    try:
        length = len((await made.embed(["Clara"]))[0])
    except Misconfigured as error:
        variable, _, expected = str(error).partition(": ")
        return [broken("live embeddings", f"{who} refuses: {error}", f"Check {variable}: {expected}.")]
    except ClaraError as error:
        return [broken("live embeddings", str(error), "Check EMBEDDINGS_BASE_URL, or try again later.")]
    finally:
        await made.close()
    return [ok("live embeddings", f"{memory.model} makes vectors of {length}")]


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
