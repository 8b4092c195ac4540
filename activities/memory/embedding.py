"""Texts as vectors, by whichever service the settings name.

Their SDKs take a second or more to import, so that happens in a thread, and only for the one in use.
"""

import asyncio
import importlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from activities.http.faults import kind_of_error, kind_of_status
from activities.http.retry_after import retry_after
from clara.errors import ClaraError, Misconfigured, Unavailable
from clara.extras import adding
from clara.memory import feature_hash
from clara.settings.memory import MemorySettings

TIMEOUT_S = 10.0
"""Of one request; a turn's own bound is much shorter."""

BATCH = 64
TEXT_LIMIT = 6_000
"""Characters of one text: every common model reads as much."""

OLLAMA_URL = "http://127.0.0.1:11434/v1"
OPENAI_URL = "https://api.openai.com/v1"


class Embedder(Protocol):
    """``floor`` is the similarity below which a text has nothing to do with another.

    ``semantic`` where texts that mean the same are near each other, whatever their words.
    """

    label: str
    floor: float
    semantic: bool

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in order; Unavailable or Misconfigured."""
        ...

    async def warm(self) -> None:
        """Import what is needed, so that the first turn does not wait for it."""
        ...

    async def close(self) -> None: ...


class HashEmbedder:
    """Words and letter triples: needs nothing, and finds what shares words."""

    label = "keyword memory (no embedding model configured)"
    floor = feature_hash.FLOOR
    semantic = False

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if len(texts) < 20:
            return [feature_hash.embed(text[:TEXT_LIMIT]) for text in texts]
        return await asyncio.to_thread(lambda: [feature_hash.embed(text[:TEXT_LIMIT]) for text in texts])

    async def warm(self) -> None:
        """There is nothing to import."""

    async def close(self) -> None:
        """There is nothing to close."""


class OpenAiEmbedder:
    """OpenAI, Ollama and every server that speaks OpenAI's embeddings API."""

    floor = 0.0
    semantic = True

    def __init__(self, settings: MemorySettings) -> None:
        self._settings = settings
        self._provider = settings.embeddings
        self._url = settings.embeddings_url or (OLLAMA_URL if self._provider == "ollama" else OPENAI_URL)
        self.label = f"{settings.model} ({self._provider}, {settings.dimensions} dimensions)"
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def warm(self) -> None:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)

    def _connect(self) -> Any:
        openai = importlib.import_module("openai")
        importlib.import_module("openai.types.create_embedding_response")
        key = self._settings.openai_key
        client = openai.AsyncOpenAI(
            api_key=key.get_secret_value() if key and self._provider == "openai" else "none",
            base_url=self._url,
            max_retries=0,
            timeout=TIMEOUT_S,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        client.organization = client.project = None  # taken from variables that are none of Clara's settings
        return client

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        await self.warm()
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors += await self._request([text[:TEXT_LIMIT] or " " for text in texts[start : start + BATCH]])
        return vectors

    async def _request(self, texts: list[str]) -> list[list[float]]:
        body: dict[str, Any] = {"model": self._settings.model, "input": texts, "encoding_format": "float"}
        if self._provider == "openai" and self._settings.embeddings_dimensions:
            body["dimensions"] = self._settings.embeddings_dimensions
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._client.embeddings.create(**body)
            found = {item.index: [float(x) for x in item.embedding] for item in answer.data}
        except Exception as error:
            raise self._meaning(error) from None
        if sorted(found) != list(range(len(texts))) or not all(map(_is_finite, found.values())):
            raise Unavailable("the embedding service did not send a vector for each text", kind="malformed")
        for vector in found.values():
            if len(vector) != self._settings.dimensions:
                raise Misconfigured(
                    f"EMBEDDINGS_DIMENSIONS: must be {len(vector)}, the length of the vectors of "
                    f"{self._settings.model}, not {self._settings.dimensions}"
                )
        return [found[index] for index in range(len(texts))]

    def _meaning(self, error: Exception) -> ClaraError:
        # Its texts may hold what was embedded.
        status = getattr(error, "status_code", None)
        kind = kind_of_error(error) if status is None else kind_of_status(status)
        match kind:
            case "auth":
                return Misconfigured("OPENAI_API_KEY: must be a key that the embedding service accepts")
            case "bad_request" | "not_found":
                return Misconfigured(
                    f"EMBEDDINGS_MODEL: must be a model that the embedding service offers, not {self._settings.model}"
                )
            case "timeout":
                return Unavailable("the embedding service did not answer in time", kind="timeout")
            case "rate_limit":
                headers = getattr(getattr(error, "response", None), "headers", {})
                words = "the rate limit of the embedding service is reached"
                return Unavailable(words, "rate_limit", retry_after(headers))
            case "connection" | "tls":
                return Unavailable("the embedding service cannot be reached", kind="connection")
            case "garbled" | None:
                words = "the embedding service sent something that is no list of vectors"
                return Unavailable(words, kind="malformed")
        return Unavailable(f"the embedding service failed ({status})", kind="server")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None


class LocalEmbedder:
    """A model in this process through fastembed, which is an optional extra; fetched once to CLARA_HOME."""

    floor = 0.0
    semantic = True

    def __init__(self, settings: MemorySettings, home: Path) -> None:
        self._model_name = settings.model
        self._dimensions = settings.dimensions
        self._folder = home / "models"
        self.label = f"{settings.model} (in this process, {settings.dimensions} dimensions)"
        self._model: Any = None
        self._opening = asyncio.Lock()

    async def warm(self) -> None:
        async with self._opening:
            if self._model is None:
                self._model = await asyncio.to_thread(self._load)

    def _load(self) -> Any:
        try:
            fastembed = importlib.import_module("fastembed")
        except ImportError:
            raise Misconfigured(
                f"EMBEDDINGS_PROVIDER: local needs the extra embeddings-local: {adding('embeddings-local')}; "
                "or choose openai, ollama or hash"
            ) from None
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return fastembed.TextEmbedding(model_name=self._model_name, cache_dir=str(self._folder))
        except ValueError:
            raise Misconfigured(f"EMBEDDINGS_MODEL: must be one that fastembed has, not {self._model_name}") from None
        except Exception as error:
            raise Unavailable(f"the embedding model could not be fetched ({type(error).__name__})") from error

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        await self.warm()
        cut = [text[:TEXT_LIMIT] for text in texts]
        vectors = await asyncio.to_thread(lambda: [[float(x) for x in vector] for vector in self._model.embed(cut)])
        if any(len(vector) != self._dimensions for vector in vectors):
            raise Misconfigured(f"EMBEDDINGS_DIMENSIONS: must be {len(vectors[0])}, not {self._dimensions}")
        return vectors

    async def close(self) -> None:
        self._model = None


def embedder(settings: MemorySettings, home: Path) -> Embedder:
    """The one that the settings name. Nothing is imported or connected yet."""
    match settings.embeddings:
        case "hash":
            return HashEmbedder()
        case "local":
            return LocalEmbedder(settings, home)
        case _:
            return OpenAiEmbedder(settings)


def _is_finite(vector: list[float]) -> bool:
    return bool(vector) and all(map(math.isfinite, vector))
