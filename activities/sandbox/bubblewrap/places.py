"""Where the files of boxes lie on the host, and whose they are there."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.sandbox.bubblewrap import usage

FIRST_UID, UIDS = 1_900_000_000, 50_000_000
"""Where nobody else takes user ids from: neither systemd, nor containers, nor subordinate ids."""


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
        """Bytes of all files. Blocks."""
        return usage.used((self.home, self.temporary), to_open=self.uid is None)

    def clear(self) -> None:
        """What is temporary goes. Blocks."""
        usage.remove(self.temporary)

    def remove(self) -> None:
        """All of it goes. Blocks."""
        usage.remove(self.folder)


def place(root: Path, box: str) -> Place:
    """As root, each box has a user id of its own: what breaks out of one is nobody, and not another box either."""
    number = int(hashlib.sha256(box.encode()).hexdigest()[:12], 16) % UIDS
    return Place(box, root / box, FIRST_UID + number if os.geteuid() == 0 else None)
