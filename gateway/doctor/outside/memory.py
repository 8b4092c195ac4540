"""What memory depends on outside: embeddings, Ollama's models, Qdrant, another Postgres, FalkorDB."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import psycopg

from activities.memory.embedding import OLLAMA_URL, OPENAI_URL
from clara.invocation import call
from clara.settings.memory import MemorySettings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.doctor.servers.database import CONNECT_S, reason
from gateway.inspection.status import without_password
from gateway.proofs.reach import get, unreachable, unreachable_port

NAME = "memory"


async def check(facts: Facts) -> list[Finding]:
    memory = facts.settings.memory
    if not memory.enabled:
        return [ok(NAME, "switched off (MEMORY_ENABLED)")]
    parts = await asyncio.gather(_embeddings(memory), _qdrant(memory), _database(memory), _graph(memory))
    found = [finding for part in parts for finding in part]
    return found or [ok(NAME, _kind(memory))]


def _kind(memory: MemorySettings) -> str:
    if memory.embeddings == "hash":
        return "found by their words, as no embedding model is configured (docs/memory.md)"
    if memory.embeddings == "auto":
        return f"found by their words, and by meaning where a provider offers embeddings ({call('memory status')} says)"
    return f"found by meaning: {memory.embeddings}, {memory.model}"


async def _embeddings(memory: MemorySettings) -> list[Finding]:
    if memory.embeddings == "ollama":
        return await _ollama(memory)
    has_own = memory.openai_key or memory.embeddings_url
    if memory.embeddings != "openai" and not (memory.embeddings == "auto" and has_own):
        return []
    url = memory.embeddings_url or OPENAI_URL
    why = await unreachable(url)
    fix = f"Check the network, and EMBEDDINGS_BASE_URL ({url}). Until then memories are found by their words only."
    return [broken("embeddings", f"the service of embeddings cannot be reached: {why}", fix)] if why else []


async def _ollama(memory: MemorySettings) -> list[Finding]:
    url = memory.embeddings_url or OLLAMA_URL
    why = await unreachable(url)
    if why:
        fix = f"Start it with: ollama serve. Or correct EMBEDDINGS_BASE_URL ({url})."
        return [broken("ollama", f"Ollama does not answer: {why}", fix)]
    parts = urlsplit(url)
    try:
        answer = await get(urlunsplit((parts.scheme, parts.netloc, "/api/tags", "", "")))
    except (TimeoutError, OSError) as error:
        return [broken("ollama", f"Ollama does not answer: {error}", "Restart it: ollama serve")]
    models = answer.body.get("models")
    if answer.status != 200 or not isinstance(models, list):
        return []  # something else that speaks the same API; --live tries it out
    names = {str(model.get("name", "")) for model in models if isinstance(model, dict)}
    if names & {memory.model, f"{memory.model}:latest"}:
        return []
    return [broken("ollama", f"Ollama does not have the model {memory.model}", f"ollama pull {memory.model}")]


async def _qdrant(memory: MemorySettings) -> list[Finding]:
    if not memory.qdrant_url:
        return []
    key = {"api-key": memory.qdrant_key.get_secret_value()} if memory.qdrant_key else {}
    try:
        answer = await get(f"{memory.qdrant_url}/collections", key)
    except (TimeoutError, OSError) as error:
        fix = f"Start Qdrant, or correct QDRANT_URL ({without_password(memory.qdrant_url)})."
        return [broken("qdrant", f"Qdrant cannot be reached: {error}", fix)]
    if answer.status in (401, 403):
        return [broken("qdrant", "Qdrant refuses the key", "Check QDRANT_API_KEY.")]
    if answer.status != 200 or "result" not in answer.body:
        words = f"what answers at QDRANT_URL is no Qdrant (status {answer.status})"
        return [broken("qdrant", words, "Correct QDRANT_URL: the REST API, usually at port 6333.")]
    return []


async def _database(memory: MemorySettings) -> list[Finding]:
    if not memory.outside_database:
        return []
    url = memory.outside_database.get_secret_value()
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_S, autocommit=True)
        async with connection:
            rows = await connection.execute("select 1 from pg_available_extensions where name = 'vector'")
            has_vectors = await rows.fetchone()
    except psycopg.Error as error:
        fix = "Check MEM0_DATABASE_URL, and that its server can be reached."
        return [broken("memory database", f"{without_password(url)}: {reason(error)}", fix)]
    if has_vectors is None:
        fix = "Install pgvector on that server, or unset MEM0_DATABASE_URL."
        return [broken("memory database", f"{without_password(url)} has no pgvector", fix)]
    return []


async def _graph(memory: MemorySettings) -> list[Finding]:
    if not memory.graph_url:
        return []
    parts = urlsplit(memory.graph_url.get_secret_value())
    if not memory.graph:
        words = "FALKORDB_URL is set, and ENABLE_GRAPH_MEMORY is not, so nothing uses it"
        return [warn("graph", words, "Set ENABLE_GRAPH_MEMORY=true, or unset FALKORDB_URL.")]
    tls = parts.scheme in ("rediss", "falkors")
    why = await unreachable_port(parts.hostname or "localhost", parts.port or 6379, tls)
    if not why:
        return []
    return [broken("graph", f"FalkorDB cannot be reached: {why}", "Start it, or correct FALKORDB_URL.")]
