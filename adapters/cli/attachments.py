"""Files that are sent along with a message."""

import asyncio
import mimetypes
from collections.abc import Sequence
from pathlib import Path

from clara.errors import UserError
from clara.messages import Attachment
from store.database import Pool
from store.files import blobs


async def keep(pool: Pool, owner: str, paths: Sequence[Path]) -> tuple[Attachment, ...]:
    """Keep the files as ``owner``'s; UserError, before any is kept, if one cannot be read or is too large."""
    files = [await asyncio.to_thread(_read, path) for path in paths]
    kept: list[Attachment] = []
    for name, media_type, data in files:
        blob_id = await blobs.save(pool, owner, name, media_type, data)
        kept.append(Attachment(blob_id=blob_id, name=name, media_type=media_type, size=len(data)))
    return tuple(kept)


def _read(path: Path) -> tuple[str, str, bytes]:
    path = path.expanduser()
    try:
        if not path.is_file():
            raise UserError(f"{path} is not a file." if path.exists() else f"There is no file {path}.")
        size = path.stat().st_size
        if size > blobs.BLOB_LIMIT:
            raise UserError(
                f"{path.name} has {size / 2**20:.1f} MiB; I can keep files of up to {blobs.BLOB_LIMIT // 2**20} MiB."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"I cannot read {path}: {error.strerror or error}.") from error
    return path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", data
