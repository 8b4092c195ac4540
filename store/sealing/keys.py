"""Which keys count: those of CLARA_SECRET_KEY, then those of the file in CLARA_HOME, which may change at any time."""

from collections.abc import Sequence
from pathlib import Path

from clara.errors import Misconfigured
from clara.invocation import call
from clara.settings import Settings
from clara.sources.keyfile import KEY_FILE, read_keys


class Keys:
    """The keys of a process, read anew when the file was written: ``clara secrets rotate`` needs no restart."""

    def __init__(self, home: Path, told: Sequence[str] = ()) -> None:
        self._home = home
        self._told = tuple(told)
        self._seen: tuple[int, int] | None = None
        self._read: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        told = settings.accounts.secret_key
        return cls(settings.runtime.home, told.get_secret_value().split(",") if told else ())

    def current(self) -> tuple[str, ...]:
        """The one to seal with, then those that are only read with. Misconfigured where there is none."""
        keys = tuple(dict.fromkeys((*self._told, *self._of_file())))
        if not keys:
            raise Misconfigured(
                f"CLARA_SECRET_KEY: must be set before a secret can be kept. Make one with: {call('secrets new')}"
            )
        return keys

    def _of_file(self) -> tuple[str, ...]:
        try:
            found = (self._home / KEY_FILE).stat()
        except (FileNotFoundError, NotADirectoryError):
            self._seen, self._read = None, ()
            return ()
        seen = found.st_ino, found.st_mtime_ns
        if seen != self._seen:
            self._read, self._seen = read_keys(self._home), seen
        return self._read
