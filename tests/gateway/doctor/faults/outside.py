# ruff: noqa: E501 - tables, whose rows are lines
"""Services of others that are away or are something else."""

import socket

from tests.gateway.doctor.faults.fault import OPENAI, Fault, env
from tests.gateway.doctor.world import Seed, World, closed


def model(base_url: str, **variables: str) -> Seed:
    return env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL=base_url, **variables)


def unreachable(world: World) -> None:
    model(closed())(world)


def no_host(world: World) -> None:
    def resolve(host: str, *_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    model("https://models.invalid/v1", NO_PROXY="*")(world)
    world.patch.setattr(socket, "getaddrinfo", resolve)


async def without_tls(world: World) -> None:
    model((await world.serve({})).replace("http:", "https:"))(world)


async def fallback_down(world: World) -> None:
    model(
        await world.serve({}),
        LLM_FALLBACKS="nanogpt",
        NANOGPT_API_KEY="n-0123456789",
        NANOGPT_BASE_URL=closed(),
        LLM_PROVIDER="openai",
    )(world)


def no_proxy(world: World) -> None:
    model("https://models.invalid/v1", HTTPS_PROXY=closed())(world)


async def ollama(world: World) -> None:
    url = await world.serve({"/api/tags": (200, {"models": [{"name": "llama3:8b"}]})})
    env(EMBEDDINGS_PROVIDER="ollama", EMBEDDINGS_BASE_URL=f"{url}/v1")(world)


async def qdrant_locked(world: World) -> None:
    env(QDRANT_URL=await world.serve({"/collections": (401, {})}), QDRANT_API_KEY="wrong-qdrant-key")(world)


async def no_qdrant(world: World) -> None:
    env(QDRANT_URL=await world.serve({}))(world)


OUTSIDE = [
    Fault("a provider that is away", unreachable, "broken", "openai cannot be reached", "CUSTOM_OPENAI_BASE_URL"),
    Fault("a host that is none", no_host, "broken", "there is no host models.invalid", "CUSTOM_OPENAI_BASE_URL"),
    Fault("TLS where there is none", without_tls, "broken", "does not speak TLS", "CUSTOM_OPENAI_BASE_URL"),
    Fault("a fallback that is away", fallback_down, "warn", "nanogpt cannot be reached", "NANOGPT_BASE_URL"),
    Fault("a proxy that is away", no_proxy, "broken", "the proxy of HTTPS_PROXY", "Check the network"),
    Fault("no Ollama", env(EMBEDDINGS_PROVIDER="ollama", EMBEDDINGS_BASE_URL="http://127.0.0.1:9/v1"), "broken", "Ollama does not answer", "ollama serve"),
    Fault("no model in Ollama", ollama, "broken", "does not have the model nomic-embed-text", "ollama pull nomic-embed-text"),
    Fault("no embeddings", env(OPENAI_API_KEY=OPENAI, EMBEDDINGS_BASE_URL="http://127.0.0.1:9"), "broken", "the service of embeddings cannot be reached", "EMBEDDINGS_BASE_URL"),
    Fault("no Qdrant", env(QDRANT_URL="http://127.0.0.1:9"), "broken", "Qdrant cannot be reached", "QDRANT_URL"),
    Fault("Qdrant's key", qdrant_locked, "broken", "Qdrant refuses the key", "Check QDRANT_API_KEY"),
    Fault("something else for Qdrant", no_qdrant, "broken", "is no Qdrant (status 404)", "port 6333"),
    Fault("no database for memories", env(MEM0_DATABASE_URL="postgresql://m:tops3cret@127.0.0.1:9/m"), "broken", "postgresql://m@127.0.0.1:9/m", "Check MEM0_DATABASE_URL"),
    Fault("no FalkorDB", env(ENABLE_GRAPH_MEMORY="true", FALKORDB_URL="redis://127.0.0.1:9"), "broken", "FalkorDB cannot be reached", "correct FALKORDB_URL"),
    Fault("a graph that is off", env(FALKORDB_URL="redis://127.0.0.1:9"), "warn", "nothing uses it", "ENABLE_GRAPH_MEMORY=true"),
]  # fmt: skip
