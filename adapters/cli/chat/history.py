"""The lines that a person typed before, for the arrow keys; nobody else's to read."""

import os
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from clara.memory.kinds import Owner
from store import typed


def open_history(home: Path, owner: Owner, inherits: bool = False) -> History:
    """The person's history below CLARA_HOME, made with mode 0600; one that lasts for this chat where none can be kept.

    ``inherits``: the lines of releases that did not keep people apart are this person's.
    """
    path = typed.path(home, owner)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if inherits and not path.exists():
            with suppress(FileNotFoundError):
                (home / typed.SHARED).rename(path)
        _make(path)
    except OSError:
        return InMemoryHistory()
    return _Enduring(path)


def forget(history: History) -> None:
    """Let go of all lines: those in the file too, where there is one."""
    history._loaded_strings = []
    if isinstance(history, _Enduring):
        with suppress(OSError):
            history.path.unlink()


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


class _Enduring(FileHistory):
    """Lines that find no room on the disk are remembered for this chat alone.

    A file that is gone was wiped, since its person was forgotten elsewhere: then this chat forgets its lines too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = _size(path)
        super().__init__(path)

    def append_string(self, string: str) -> None:
        if _size(self.path) < self._size:  # lines are only ever added, by any chat
            self._loaded_strings = []
        super().append_string(string)

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            _make(self.path)
            super().store_string(string)
        self._size = _size(self.path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
