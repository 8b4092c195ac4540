"""How capable a model answers in a conversation."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.llm.tiers import TIERS
from store import conversations

CHOICES = (*TIERS, "default")


async def _model(request: Request, arguments: Arguments) -> CommandResult:
    wanted = arguments.get("tier")
    if wanted:
        tier = next((tier for tier in TIERS if tier == wanted), None)
        await request.door.store(conversations.set_tier, request.key, tier)
        return CommandResult(await sentence(request))
    return CommandResult(f"{await sentence(request)}\nTo choose: {request.face.prefix}model {'|'.join(CHOICES)}")


async def sentence(request: Request) -> str:
    """Which model answers here."""
    llm = request.settings.llm
    chosen = (await request.door.store(conversations.get, request.key)).tier
    if chosen is None and llm.auto_tier:
        return f"Here I answer with a model of {llm.provider} that I choose for each message."
    tier = chosen or llm.default_tier
    route = llm.routes(tier)[0]
    return f"Here I answer with {route.model} ({route.provider}), tier {tier}{'' if chosen else ', by default'}."


MODEL = Command(
    "model",
    "Show or choose how capable a model answers here",
    _model,
    (Option("tier", "the tier", CHOICES),),
    rights="deciders",
    public=True,
)
