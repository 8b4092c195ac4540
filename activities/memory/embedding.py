"""Texts as vectors, by whichever service the settings name.

Their SDKs take a second or more to import, so that happens in a thread, and only for the one in use.
"""

import asyncio
import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from activities.http.faults import kind_of_error, kind_of_status
from activities.http.retry_after import retry_after
from clara.errors import ClaraError, Misconfigured, Unavailable
from clara.extras import adding
from clara.invocation import call
from clara.settings.memory import MemorySettings
from clara.text import storable

TIMEOUT_S = 10.0
"""Of one request; a turn's own bound is much shorter."""

BATCH = 64
TEXT_LIMIT = 6_000
"""Characters of one text: every common model reads as much."""

OLLAMA_URL = "http://127.0.0.1:11434/v1"
OPENAI_URL = "https://api.openai.com/v1"


class Embedder(Protocol):
    """Texts that mean the same are near each other, whatever their words."""

    label: str

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in order; Unavailable or Misconfigured."""
        ...

    async def warm(self) -> None:
        """Import what is needed, so that the first turn does not wait for it."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Service:
    """Where texts are embedded: a server that speaks OpenAI's embeddings API, and one of its models.

    ``setting`` is the variable that is wrong where the key is refused. ``asked`` is the length that the server is
    asked for, ``dimensions`` the one that its vectors must have; None where that is yet to be found out.
    """

    provider: str
    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    setting: str = "OPENAI_API_KEY"
    dimensions: int | None = None
    asked: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    found_out: bool = False
    """``dimensions`` is what the server sent when it was asked, and nobody's setting."""


class OpenAiEmbedder:
    """OpenAI, Ollama and every server that speaks OpenAI's embeddings API."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.label = f"{service.model} ({service.provider}, {service.dimensions} dimensions)"
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def warm(self) -> None:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)

    def _connect(self) -> Any:
        openai = importlib.import_module("openai")
        importlib.import_module("openai.types.create_embedding_response")
        client = openai.AsyncOpenAI(
            api_key=self._service.key or "none",
            base_url=self._service.url,
            default_headers=dict(self._service.headers),
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
            vectors += await self._request([_sendable(text) for text in texts[start : start + BATCH]])
        return vectors

    async def _request(self, texts: list[str]) -> list[list[float]]:
        service = self._service
        body: dict[str, Any] = {"model": service.model, "input": texts, "encoding_format": "float"}
        if service.asked:
            body["dimensions"] = service.asked
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._client.embeddings.create(**body)
            found = {item.index: [float(x) for x in item.embedding] for item in answer.data}
        except Exception as error:
            raise self._meaning(error) from None
        if sorted(found) != list(range(len(texts))) or not all(map(_is_finite, found.values())):
            raise Unavailable("the embedding service did not send a vector for each text", kind="malformed")
        for vector in found.values():
            if service.dimensions is None or len(vector) == service.dimensions:
                continue
            if service.found_out:
                raise Unavailable(
                    f"{service.provider} sends vectors of {len(vector)} numbers now, and sent {service.dimensions} "
                    f"when it was asked; if that is to last: {call('memory status --retry')}",
                    kind="malformed",
                )
            raise Misconfigured(
                f"EMBEDDINGS_DIMENSIONS: must be {len(vector)}, the length of the vectors of "
                f"{service.model}, not {service.dimensions}"
            )
        return [found[index] for index in range(len(texts))]

    def _meaning(self, error: Exception) -> ClaraError:
        # Its texts may hold what was embedded.
        status = getattr(error, "status_code", None)
        kind = kind_of_error(error) if status is None else kind_of_status(status)
        match kind:
            case "auth":
                return Misconfigured(f"{self._service.setting}: must be a key that the embedding service accepts")
            case "bad_request" | "not_found":
                return Misconfigured(
                    f"EMBEDDINGS_MODEL: must be a model that the embedding service offers, not {self._service.model}"
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


def embedder(settings: MemorySettings, home: Path) -> Embedder | None:
    """The one that the settings name; None for words only, and where it is yet to be found out (``auto``)."""
    match settings.embeddings:
        case "hash" | "auto":
            return None
        case "local":
            return LocalEmbedder(settings, home)
        case "ollama":
            url = settings.embeddings_url or OLLAMA_URL
            return OpenAiEmbedder(Service("ollama", url, settings.model, dimensions=settings.dimensions))
        case "openai":
            key = settings.openai_key
            return OpenAiEmbedder(
                Service(
                    "openai",
                    settings.embeddings_url or OPENAI_URL,
                    settings.model,
                    key.get_secret_value() if key else None,
                    dimensions=settings.dimensions,
                    asked=settings.embeddings_dimensions,
                )
            )


def _sendable(text: str) -> str:
    """Not longer than models read, and without halves of characters, which no request can hold."""
    return storable(text[:TEXT_LIMIT]) or " "


def _is_finite(vector: list[float]) -> bool:
    """Whether it points anywhere: numbers, and not all of them nought."""
    return bool(vector) and all(map(math.isfinite, vector)) and any(vector)
