"""The lines that were typed before, for the arrow keys; nobody else's to read."""

import os
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

FILE = "chat_history"


def open_history(home: Path) -> History:
    """The history below CLARA_HOME, made with mode 0600; one that is forgotten where none can be kept."""
    path = home / FILE
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return _Enduring(path)


class _Enduring(FileHistory):
    """Lines that find no room on the disk are remembered for this chat alone."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)
