# ruff: noqa: E501 - tables, whose rows are lines
"""What only a real request shows."""

from tests.gateway.doctor.faults.fault import DISCORD, OPENAI, Fault, env
from tests.gateway.doctor.faults.outside import model
from tests.gateway.doctor.world import Seed, World
from tests.loopback.embeddings import EmbeddingServer
from tests.loopback.models.plan import Refusal
from tests.loopback.models.server import ModelServer


def refusing(status: int, kind: str, message: str) -> Seed:
    async def seed(world: World) -> None:
        server = ModelServer(lambda _: Refusal(status, kind, message))
        await world.stack.enter_async_context(server)
        model(server.openai_url, CUSTOM_OPENAI_MODEL="echo")(world)
        world.env(CUSTOM_OPENAI_API_KEY=server.key)

    return seed


async def refused_key(world: World) -> None:
    server = await world.stack.enter_async_context(ModelServer())
    model(server.openai_url, CUSTOM_OPENAI_MODEL="echo")(world)


def discord(me: int, **application: object) -> Seed:
    async def seed(world: World) -> None:
        answers = {
            "/api/v10/users/@me": (me, {"id": "1", "username": "Clara"}),
            "/api/v10/applications/@me": (200, {"id": "2", **application}),
        }
        env(DISCORD_API_BASE=await world.serve(answers), DISCORD_BOT_TOKEN=DISCORD)(world)

    return seed


def embeddings(how: str, dimensions: str = "1536") -> Seed:
    async def seed(world: World) -> None:
        server = await world.stack.enter_async_context(EmbeddingServer(key=None))
        server.mode = how  # type: ignore[assignment]
        env(OPENAI_API_KEY=OPENAI, EMBEDDINGS_BASE_URL=server.url, EMBEDDINGS_DIMENSIONS=dimensions)(world)

    return seed


LIVE = [
    Fault("a key that is refused", refused_key, "broken", "refused the key", "Check CUSTOM_OPENAI_API_KEY", live=True),
    Fault("a model that is none", refusing(404, "model_not_found", "no such model"), "broken", "does not offer 'echo'", "CUSTOM_OPENAI_MODEL", live=True),
    Fault("an empty account", refusing(429, "insufficient_quota", "no quota"), "broken", "no credit left", "Top up the account of CUSTOM_OPENAI_API_KEY", live=True),
    Fault("a provider in trouble", refusing(500, "server_error", "oh"), "warn", "had an internal error", "Try again", live=True),
    Fault("a request that is refused", refusing(400, "invalid_request_error", "max_tokens is too large"), "broken", "max_tokens is too large", "Check CUSTOM_OPENAI_MODEL", live=True),
    Fault("a bot's token that is refused", discord(401), "broken", "does not know this token", "Reset Token", live=True),
    Fault("Discord in trouble", discord(503), "warn", "the status 503", "Try again", live=True),
    Fault("no intent", discord(200, flags=0), "broken", "may not read messages", "Message Content Intent", live=True),
    Fault("no server", discord(200, flags=1 << 19, approximate_guild_count=0), "warn", "on no server yet", "client_id=2", live=True),
    Fault("embeddings' key", embeddings("401"), "broken", "OPENAI_API_KEY", "Check OPENAI_API_KEY", live=True),
    Fault("embeddings' model", embeddings("404"), "broken", "EMBEDDINGS_MODEL", "Check EMBEDDINGS_MODEL", live=True),
    Fault("embeddings in trouble", embeddings("500"), "broken", "the embedding service failed", "EMBEDDINGS_BASE_URL", live=True),
]  # fmt: skip
