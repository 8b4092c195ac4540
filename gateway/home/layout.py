"""The layout of CLARA_HOME. Nothing of a running Clara is written anywhere else."""

import os
import pwd
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from clara.errors import Misconfigured
from clara.sources.stackfile import STACK_FILE


@dataclass(frozen=True)
class Home:
    """Paths below one CLARA_HOME."""

    root: Path

    @property
    def record(self) -> Path:
        """Addresses and secrets of the embedded servers; see ``gateway.home.record``."""
        return self.root / STACK_FILE

    @property
    def logs(self) -> Path:
        """One rotated file per process, named after it."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What is true only while processes run: claims, locks, markers."""
        return self.root / "run"

    @property
    def start_lock(self) -> Path:
        """Held while the stack is being started or stopped."""
        return self.run / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by every chat that uses the stack."""
        return self.run / "users.lock"

    @property
    def ready(self) -> Path:
        """Holds the pid of the supervisor whose stack came up completely."""
        return self.run / "ready"

    @property
    def permanent(self) -> Path:
        """Exists while the stack is to outlive the chats that use it."""
        return self.run / "permanent"

    @property
    def supervisor(self) -> Path:
        return self.root / "supervisor"

    @property
    def supervisor_config(self) -> Path:
        return self.supervisor / "supervisord.conf"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def temporal(self) -> Path:
        return self.root / "temporal"

    def claim(self, name: str) -> Path:
        """The file that process ``name`` holds locked for as long as it lives, with its pid in it."""
        return self.run / f"{name}.pid"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Misconfigured if secrets and programs' output must not go there; a home that is not there yet is fine."""
        try:
            found = self.root.stat()
        except FileNotFoundError:
            if self.root.is_symlink():
                raise Misconfigured(f"CLARA_HOME: {self.root} is a link to nowhere. Remove it.") from None
            return
        except NotADirectoryError:
            raise Misconfigured(f"CLARA_HOME: a part of {self.root} is a file. Name a folder.") from None
        if self.root in (Path("/"), Path(os.path.expanduser("~"))):
            raise Misconfigured(f"CLARA_HOME: {self.root} has other things in it. Name a folder for Clara alone.")
        if not stat.S_ISDIR(found.st_mode):
            raise Misconfigured(f"CLARA_HOME: {self.root} is a file. Name a folder, or move the file away.")
        if found.st_uid != os.geteuid():
            raise Misconfigured(
                f"CLARA_HOME: {self.root} belongs to {_user(found.st_uid)}, and you are {_user(os.geteuid())}. "
                "Run Clara as its owner, or name a folder of your own."
            )
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise Misconfigured(
                f"CLARA_HOME: others can write to {self.root} (mode {stat.S_IMODE(found.st_mode):o}), "
                f"and so become you. Keep them out with: chmod 700 {shlex.quote(str(self.root))}"
            )

    def create(self) -> None:
        """Make the folders, for their owner only. An existing CLARA_HOME keeps its mode: it is the owner's."""
        self.check()
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"CLARA_HOME: {self.root} cannot be made: {error.strerror}.") from None
        for folder in (self.logs, self.run, self.supervisor, self.postgres, self.temporal):
            folder.mkdir(mode=0o700, exist_ok=True)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
