"""The one import of mem0: three seconds and 110 MB, so only in a process that writes vectors.

What mem0 reads from the environment it reads while it is imported, hence the order here: telemetry
off, and its own folder below CLARA_HOME.
"""

import logging
import os
import threading
from pathlib import Path
from typing import Any

_LOCK = threading.Lock()


def vector_store(home: Path, provider: str, config: dict[str, Any]) -> Any:
    """A vector store of mem0's. Blocks while mem0 is imported: call it in a thread."""
    with _LOCK:
        # Written, not read: this is how mem0 is told.
        os.environ["MEM0_TELEMETRY"] = "False"  # noqa: TID251
        os.environ["MEM0_DIR"] = str(home / "mem0")  # noqa: TID251
        (home / "mem0").mkdir(parents=True, exist_ok=True, mode=0o700)
        # It logs the texts of memories, and every error that it raises as well.
        logging.getLogger("mem0").setLevel(logging.CRITICAL)
        from mem0.utils.factory import VectorStoreFactory
        from mem0.vector_stores.configs import VectorStoreConfig

        checked = VectorStoreConfig(provider=provider, config=config).config
        return VectorStoreFactory.create(provider, checked)
