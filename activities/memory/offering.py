"""``EMBEDDINGS_PROVIDER=auto``: whichever configured provider offers embeddings, found out by asking once.

Each is asked for one vector, whose length is what the provider offers. A refusal (no such address or model, a key
that is not accepted) holds until the settings change; an outage is asked again later. A provider that was found
stays the one, also when one before it would offer embeddings by now: another model means every vector anew.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from activities.llm.transport import access_headers
from activities.memory.embedding import OPENAI_URL, OpenAiEmbedder, Service
from clara.errors import ClaraError, Misconfigured, Unavailable
from clara.settings import Settings
from store.database import Pool
from store.memory import embeddings
from temporal.processes.logs import told

log = logging.getLogger(__name__)

PROBE_S = 10.0
"""For one provider, its SDK's import aside."""

AGAIN = timedelta(minutes=5)
"""After an outage."""

LENGTHS = range(8, 8_193)
"""Lengths of vectors that can be kept."""

OPENROUTER_MODEL = "openai/text-embedding-3-small"


def services(settings: Settings) -> tuple[Service, ...]:
    """The providers that may offer embeddings, in the order in which they are asked."""
    memory, llm = settings.memory, settings.llm
    found: dict[str, Service] = {}
    own = memory.openai_key.get_secret_value() if memory.openai_key else None
    asked = memory.embeddings_dimensions
    if own or memory.embeddings_url:
        url = memory.embeddings_url or OPENAI_URL
        name = "the service at EMBEDDINGS_BASE_URL" if memory.embeddings_url else "OpenAI"
        found["own"] = Service(name, url, memory.model, own, asked=asked)
    for provider, name, variable, model in (
        ("openrouter", "OpenRouter", "OPENROUTER_API_KEY", memory.embeddings_model or OPENROUTER_MODEL),
        ("nanogpt", "NanoGPT", "NANOGPT_API_KEY", memory.model),
        ("openai", "the endpoint at CUSTOM_OPENAI_BASE_URL", "CUSTOM_OPENAI_API_KEY", memory.model),
    ):
        if key := llm.key(provider):
            url = str(getattr(llm, f"{provider}_url"))
            headers = access_headers(llm) if provider == "openai" else {}
            found[provider] = Service(name, url, model, key, variable, asked=asked, headers=headers)
    # After the key that is for embeddings, the provider that reads the conversations anyway.
    return tuple(
        sorted(found.values(), key=lambda each: each is not found.get("own") and each is not found.get(llm.provider))
    )


def mark(service: Service) -> str:
    """The same for the same settings. A hash, so that no key is in the database."""
    parts = (service.url, service.model, service.key or "", str(service.asked))
    return hashlib.sha256("\0".join(("embeddings", *parts)).encode()).hexdigest()[:32]


async def found(pool: Pool, candidates: Sequence[Service]) -> Service | None:
    """The one that is known to offer embeddings; asks nobody."""
    notes = await embeddings.known(pool, [mark(each) for each in candidates])
    for each in candidates:
        note = notes.get(mark(each))
        if note and note.dimensions:
            return replace(each, dimensions=note.dimensions, found_out=True)
    return None


async def find(pool: Pool, candidates: Sequence[Service]) -> Service | None:
    """As ``found``; where none is known to, those are asked that were not asked yet or are due again."""
    if chosen := await found(pool, candidates):
        return chosen
    for each in candidates:
        if await embeddings.claim(pool, mark(each)) and (dimensions := await _ask(pool, each)):
            return replace(each, dimensions=dimensions, found_out=True)
    return None


async def reasons(pool: Pool, candidates: Sequence[Service]) -> list[str]:
    """Why each of them offers none, in plain words."""
    notes = await embeddings.known(pool, [mark(each) for each in candidates])
    return [
        f"{each.provider}: {note.why}" if (note := notes.get(mark(each))) else f"{each.provider}: not asked yet"
        for each in candidates
    ]


async def refused(pool: Pool, service: Service, error: Misconfigured) -> None:
    """A provider that was found refuses now: that holds until the settings change, and the next one is asked."""
    log.warning("%s no longer offers embeddings: %s", service.provider, told(error))
    await embeddings.note(pool, mark(service), None, str(error), None)


async def _ask(pool: Pool, service: Service) -> int | None:
    embedder = OpenAiEmbedder(replace(service, dimensions=None))
    dimensions, why, again = None, "", None
    try:
        await embedder.warm()
        async with asyncio.timeout(PROBE_S):
            length = len((await embedder.embed(["Which tea do I like?"]))[0])
        if length not in LENGTHS:
            raise Unavailable(f"its vectors have {length} numbers, which cannot be kept", kind="malformed")
        dimensions = length
    except Misconfigured as error:
        why = str(error)
    except (ClaraError, TimeoutError) as error:
        why, again = str(error) or "it did not answer in time", AGAIN
    finally:
        await embedder.close()
    log.info("embeddings of %s: %s", service.provider, f"{dimensions} dimensions" if dimensions else why)
    await embeddings.note(pool, mark(service), dimensions, why, again)
    return dimensions
