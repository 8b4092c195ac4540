"""A mem0 as other people run it: its own Memory, with a stand-in for the model that makes vectors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.loopback import feature_hash


class Vectors:
    config = SimpleNamespace(embedding_dims=feature_hash.DIMENSIONS)

    def embed(self, text: str, *_: Any) -> list[float]:
        return feature_hash.embed(text)

    def embed_batch(self, texts: list[str], *_: Any) -> list[list[float]]:
        return [feature_hash.embed(text) for text in texts]


@contextmanager
def mem0_memory(home: Path, provider: str, **store: Any) -> Iterator[Any]:
    """A ``mem0.Memory`` over a store of its own; its pool or client is closed at the end."""
    os.environ["MEM0_TELEMETRY"] = "False"
    os.environ["MEM0_DIR"] = str(home)
    from mem0 import Memory

    given = {"model": "none", "api_key": "none"}
    memory = Memory.from_config(
        {
            "vector_store": {
                "provider": provider,
                "config": {"embedding_model_dims": feature_hash.DIMENSIONS, **store},
            },
            "llm": {"provider": "openai", "config": given},
            "embedder": {"provider": "openai", "config": given},
            "history_db_path": ":memory:",
        }
    )
    memory.embedding_model = Vectors()
    try:
        yield memory
    finally:
        held = memory.vector_store
        (held.client if provider == "qdrant" else held.connection_pool).close()
