"""Files that are sent along."""

from pathlib import Path
from uuid import uuid4

import pytest

from adapters.cli import attachments
from clara.errors import UserError
from store.database import Pool
from store.files import blobs


async def test_files_are_kept_as_their_senders(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "photo.JPG").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "readme").write_bytes(b"words")
    owner = f"cli:{uuid4().hex}"
    photo, readme = await attachments.keep(pool, owner, [tmp_path / "photo.JPG", tmp_path / "readme"])
    assert (photo.name, photo.media_type, photo.size) == ("photo.JPG", "image/jpeg", 3)
    assert readme.media_type == "application/octet-stream"
    kept = await blobs.get(pool, photo.blob_id, owner)
    assert kept is not None
    assert kept.data == b"\xff\xd8\xff"
    assert await blobs.get(pool, photo.blob_id, "cli:somebody") is None


async def test_what_cannot_be_sent_is_named(pool: Pool, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(blobs.BLOB_LIMIT + 1)
    cases = {
        tmp_path / "nothing.png": "There is no file .*nothing.png",
        tmp_path: "is not a file",
        Path("/dev/zero"): "/dev/zero is not a file",
        large: "large.bin has 50.0 MiB; I can keep files of up to 50 MiB",
    }
    for path, reason in cases.items():
        with pytest.raises(UserError, match=reason):
            await attachments.keep(pool, "cli:kim", [path])
