"""Files that Clara's tools have made, saved to a folder of the person's: each once, whole, and over nothing."""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.cli.render.pieces import Piece
from adapters.cli.session.session import Session
from clara.errors import StackFault
from clara.filenames import clean_name, numbered
from clara.files import size_in_words
from store import downloads
from store.downloads import MadeFile
from store.files import blobs

log = logging.getLogger(__name__)

AGAIN = "I try again with the next chat."

TRIES = 20
"""Names that somebody else may take in the moment in which they are chosen."""


@dataclass(frozen=True)
class Download:
    """A file of a turn, and where it is; without a path ``problem`` says why."""

    name: str
    media_type: str
    size: int
    path: Path | None
    problem: str = ""

    @property
    def line(self) -> str:
        if self.path is None:
            return f"{self.name} ({size_in_words(self.size)}) could not be saved: {self.problem}"
        return f"Saved {self.path} ({size_in_words(self.size)})"

    @property
    def piece(self) -> Piece:
        return Piece("file" if self.path else "unsaved", self.line)


async def receive(session: Session, turn_id: str) -> list[Download]:
    """Save the files of an ended turn that were not saved before; returns where all of them are."""
    try:
        made = await session.door.store(downloads.of_turn, turn_id)
    except StackFault as error:
        log.warning("the files of %s are not known, and are saved later: %s", turn_id, error)
        return []
    return await _save(session, made)


async def receive_missed(session: Session) -> list[Download]:
    """Save the files of replies that were shown in this conversation without them, as where a disk was full."""
    try:
        made = await session.door.store(downloads.unsaved, session.key)
    except StackFault as error:
        log.warning("files that were not saved are not known: %s", error)
        return []
    return await _save(session, made)


async def _save(session: Session, made: Sequence[MadeFile]) -> list[Download]:
    settings = session.settings
    folder = settings.files.folder(settings.runtime.home)
    found = []
    for file in made:
        name = clean_name(file.name)
        try:
            path, problem = await _save_one(session, file, name, folder), "it is no longer kept"
        except OSError as error:
            path, problem = (
                None,
                f"{error.strerror or type(error).__name__} ({folder}). I try again with the next chat.",
            )
        except StackFault as error:
            path, problem = None, f"{error} I try again with the next chat."
        found.append(Download(name, file.media_type, file.size, path, problem))
    return found


async def _save_one(session: Session, file: MadeFile, name: str, folder: Path) -> Path | None:
    """The file's path, where it is when this returns; None if nobody has its bytes any more.

    The path is said in the store before it is taken. Whoever comes after a crash, or at the same time in another
    window, goes for the same one, and finds by its content that it is there.
    """
    store = session.door.store
    if file.path is not None and file.saved_at is not None:
        return Path(file.path)
    blob = await store(blobs.get, file.blob_id, file.owner)
    if blob is None:
        return None
    stale: str | None = None
    for _ in range(TRIES):
        wish = await asyncio.to_thread(_free, folder, name)
        claimed = await store(downloads.claim, file.blob_id, str(wish), stale)
        path = Path(claimed.path)
        if claimed.saved_at is not None:
            return path
        here = path.parent == wish.parent  # else it was to be saved elsewhere, which was never done
        if here and await asyncio.to_thread(_write, path, blob.data, file.blob_id):
            await store(downloads.settle, file.blob_id, str(path))
            return path
        stale = claimed.path
    raise FileExistsError(None, "no free name was found")


def _free(folder: Path, name: str) -> Path:
    """A path in the folder that nothing has, not even in other case; makes the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.absolute() / numbered(name, os.listdir(folder))


def _write(path: Path, data: bytes, unique: str) -> bool:
    """Put the file there at one stroke; False if another one is there, which stays."""
    making = path.with_name(f".{unique}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(making, flags, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        return _place(making, path) or _holds(path, data)
    finally:
        with suppress(OSError):
            making.unlink()


def _place(making: Path, path: Path) -> bool:
    try:
        os.link(making, path)
    except FileExistsError:
        return False
    except OSError:
        # A file system without links: an empty file of ours takes the name first, and is replaced by the whole one.
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        making.replace(path)
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Whether an earlier attempt has put the same file there."""
    try:
        if path.is_symlink() or path.stat().st_size != len(data):
            return False
        return path.read_bytes() == data
    except OSError:
        return False
