"""An embedding model in this process, so plain that a test can tell what is near what: texts that share words."""

from collections.abc import Sequence

from tests.loopback import feature_hash


class HashEmbedder:
    label = "feature-hash (a stand-in of the tests, 384 dimensions)"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [feature_hash.embed(text) for text in texts]

    async def warm(self) -> None:
        """There is nothing to import."""

    async def close(self) -> None:
        """There is nothing to close."""
