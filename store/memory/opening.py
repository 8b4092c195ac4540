"""From settings and an embedding model to the index of its vectors."""

import hashlib
import re

from clara.settings import Settings
from store.memory.index import Index
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors, QdrantVectors, VectorServer

_MODEL_LENGTH = 20


def collection_name(base: str, model: str, dimensions: int) -> str:
    """A collection holds the vectors of one model: its name says which, and how long they are.

    A long name is cut, and ends with a few digits that only this model has: Postgres allows 63 characters.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", model.lower()).strip("_")
    if len(slug) > _MODEL_LENGTH:
        mark = hashlib.sha256(model.encode()).hexdigest()[:6]
        slug = f"{slug[: _MODEL_LENGTH - 7]}_{mark}"
    return f"{base}_{slug}_{dimensions}"


NO_MODEL = ("feature-hash", 384)
"""The collection without an embedding model: none is written, but releases up to 2026.48 kept one there."""


def index_of(settings: Settings, model: str, dimensions: int) -> Index:
    """The index of one model's vectors: in Qdrant, the database of MEM0_DATABASE_URL, or Clara's own.

    Nothing is imported or connected before it is used. It is the caller's to close.
    """
    memory, home = settings.memory, settings.runtime.home
    name = collection_name(memory.collection, model, dimensions)
    return Mem0Index(_server(settings), name, dimensions, home, f"{memory.collection}_")


def _server(settings: Settings) -> VectorServer:
    memory = settings.memory
    if memory.qdrant_url:
        return QdrantVectors(memory.qdrant_url, memory.qdrant_key.get_secret_value() if memory.qdrant_key else None)
    url = memory.outside_database.get_secret_value() if memory.outside_database else settings.runtime.database_url
    assert url is not None, "memories are opened where there is a database"
    return PostgresVectors(url)
