"""Where the files of boxes lie on the host, and whose they are there."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FIRST_UID, UIDS = 1_900_000_000, 50_000_000
"""Where nobody else takes user ids from: neither systemd, nor containers, nor subordinate ids."""

BLOCK = 4096
"""Bytes that an empty file counts as, so that no number of them is free."""


@dataclass(frozen=True)
class Place:
    """A box's folders. ``uid`` is whom its processes run as, or None for the user whom Clara runs as."""

    box: str
    folder: Path
    uid: int | None

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        """A folder like ``home``, so that it is counted like it; emptied when the box is stopped."""
        return self.folder / "tmp"

    @property
    def accounts(self) -> Path:
        """What is shown as files of /etc."""
        return self.folder / "etc"

    def prepare(self, accounts: Mapping[str, str]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.accounts.mkdir(mode=0o755, exist_ok=True)
        for name, text in accounts.items():
            (self.accounts / name).write_text(text)
            (self.accounts / name).chmod(0o644)
        for each in (self.home, self.temporary):
            each.mkdir(mode=0o700, exist_ok=True)
            if self.uid is not None and each.stat().st_uid != self.uid:
                os.chown(each, self.uid, self.uid)

    def used(self) -> int:
        """Bytes of all files."""
        return sum(max(found.st_blocks * 512, BLOCK) for each in (self.home, self.temporary) for found in _within(each))

    def clear(self) -> None:
        remove(self.temporary)


def place(root: Path, box: str) -> Place:
    """As root, each box has a user id of its own: what breaks out of one is nobody, and not another box either."""
    number = int(hashlib.sha256(box.encode()).hexdigest()[:12], 16) % UIDS
    return Place(box, root / box, FIRST_UID + number if os.geteuid() == 0 else None)


def remove(folder: Path) -> None:
    """Delete a folder that a box has filled, also where the box has taken away the right to. Follows no link."""
    if not folder.is_dir():
        return
    for current, folders, _, here in os.fwalk(folder, follow_symlinks=False):
        del current
        for name in folders:
            if not stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                os.chmod(name, 0o700, dir_fd=here)
    shutil.rmtree(folder)


def _within(folder: Path) -> Iterator[os.stat_result]:
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue  # deleted meanwhile, or closed to us: what is in there was counted before it was closed
