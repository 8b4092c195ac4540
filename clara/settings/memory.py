"""Memory: how texts are embedded, where vectors and relations are kept, and who extracts facts."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from clara.settings.fields import HttpUrl, Secret
from clara.settings.subject import COMMON, ReadBy, Subject

EmbeddingsName = Literal["auto", "openai", "ollama", "local", "hash"]

EMBEDDING_MODELS: dict[EmbeddingsName, str] = {
    "auto": "text-embedding-3-small",
    "openai": "text-embedding-3-small",
    "ollama": "nomic-embed-text",
    "local": "BAAI/bge-small-en-v1.5",
    "hash": "none",
}
"""Used where EMBEDDINGS_MODEL is not set."""

DIMENSIONS: dict[str, int] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
    "nomic-embed-text": 768,
    "mxbai-embed-large": 1024,
    "all-minilm": 384,
    "bge-m3": 1024,
    "BAAI/bge-small-en-v1.5": 384,
}
"""Of well-known models; for every other one EMBEDDINGS_DIMENSIONS must say it, unless the provider is ``auto``."""


class MemorySettings(Subject):
    """What is remembered, and where it is kept: [memory.md](memory.md)."""

    heading = "Memory"
    readers = ("worker",)

    # Adapters say with each message whether it may be learned from.
    enabled: Annotated[bool, ReadBy(COMMON)] = Field(
        True,
        alias="MEMORY_ENABLED",
        description="Whether she remembers people from one conversation to the next.",
    )
    context_tokens: int = Field(
        1_200,
        alias="MEMORY_CONTEXT_TOKENS",
        ge=100,
        le=20_000,
        description="How many tokens of memories the model is given with a message.",
    )
    recall_timeout: float = Field(
        1.0,
        alias="MEMORY_RECALL_TIMEOUT",
        gt=0,
        le=10,
        description="After this many seconds without an answer from memory, she replies without it.",
    )

    extraction_provider: str | None = Field(
        None,
        alias="MEM0_PROVIDER",
        description="The model provider that finds what is worth remembering, if not the one that answers.",
    )
    extraction_model: str | None = Field(
        None, alias="MEM0_MODEL", description="The model that finds what is worth remembering, if not the low tier's."
    )

    embeddings: EmbeddingsName = Field(
        "auto",
        alias="EMBEDDINGS_PROVIDER",
        description="What turns texts into vectors, by which memories of the same meaning are found. auto takes the "
        "first configured provider that offers it: OpenAI, OpenRouter, NanoGPT or the OpenAI-compatible endpoint; "
        "where none does, memories are found by their words. hash means words only.",
    )
    embeddings_model: str | None = Field(
        None,
        alias="EMBEDDINGS_MODEL",
        max_length=200,
        description="The embedding model, if not the usual one of the provider.",
    )
    embeddings_url: HttpUrl | None = Field(
        None,
        alias="EMBEDDINGS_BASE_URL",
        description="The address of the embeddings API, if not the usual one of the provider.",
    )
    embeddings_dimensions: int | None = Field(
        None,
        alias="EMBEDDINGS_DIMENSIONS",
        ge=8,
        le=8_192,
        description="The length of the vectors. Needed only for models that Clara does not know, and not by auto.",
    )
    openai_key: Secret | None = Field(None, alias="OPENAI_API_KEY", description="The key for embeddings from OpenAI.")

    outside_database: Secret | None = Field(
        None,
        alias="MEM0_DATABASE_URL",
        description="The address of a Postgres with pgvector for the vectors, if not Clara's own database.",
    )
    collection: str = Field(
        "clara_memories",
        alias="MEM0_COLLECTION_NAME",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        description="How the names of the tables or collections with vectors begin: lower-case letters, digits and _.",
    )
    qdrant_url: HttpUrl | None = Field(
        None, alias="QDRANT_URL", description="The address of a Qdrant for the vectors, in place of a Postgres."
    )
    qdrant_key: Secret | None = Field(None, alias="QDRANT_API_KEY", description="The key of that Qdrant.")

    graph: bool = Field(
        False,
        alias="ENABLE_GRAPH_MEMORY",
        description="Whether relations between people and things are kept in FalkorDB too.",
    )
    graph_url: Secret | None = Field(
        None,
        alias="FALKORDB_URL",
        description="The address of a FalkorDB server, for example redis://host:6379. If it is not set, "
        "an embedded one is used.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        url = self.outside_database
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("MEM0_DATABASE_URL: must be an address like postgresql://user:password@host:5432/name")
        if url and self.qdrant_url:
            raise ValueError("QDRANT_URL: MEM0_DATABASE_URL is set too; keep one of the two")
        graph = self.graph_url
        if graph and not graph.get_secret_value().startswith(("redis://", "rediss://", "falkor://", "falkors://")):
            raise ValueError("FALKORDB_URL: must be an address like redis://localhost:6379")
        if self.embeddings == "openai" and self.openai_key is None and self.embeddings_url is None:
            raise ValueError("OPENAI_API_KEY: must be set, because EMBEDDINGS_PROVIDER is openai")
        by_setting = self.embeddings in ("openai", "ollama", "local")
        if by_setting and self.embeddings_dimensions is None and self.model not in DIMENSIONS:
            raise ValueError(f"EMBEDDINGS_DIMENSIONS: must be the length of the vectors of {self.model}")
        return self

    @property
    def model(self) -> str:
        """The embedding model; of ``auto`` the one that OpenAI has, unless another was set."""
        return self.embeddings_model or EMBEDDING_MODELS[self.embeddings]

    @property
    def dimensions(self) -> int:
        """The length of its vectors, for providers that are named."""
        return self.embeddings_dimensions or DIMENSIONS[self.model]
