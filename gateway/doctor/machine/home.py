"""CLARA_HOME: whose it is, who may read and write it, and whether there is room on its disk."""

import os
import pwd
import stat
from functools import partial
from pathlib import Path
from shlex import quote

from clara import diskspace
from clara.settings import source
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.home import Home
from store import disk

NAME = "home"

_PRIVATE = 0o600
_FOLDER = 0o700


def check(facts: Facts) -> list[Finding]:
    home = facts.home
    found = [*_modes(home), *_folders(home), *strangers(home.root, os.geteuid())] if home.root.exists() else []
    return [*found, *_readable(home), room(facts)]


def misplaced(root: Path) -> Finding | None:
    """Why nothing can be kept there at all."""
    elsewhere = "Point CLARA_HOME to a folder of your own."
    try:
        existing = next(path for path in (root, *root.parents) if path.exists() or path.is_symlink())
    except PermissionError as error:
        return broken(NAME, f"{_user(os.geteuid())} may not look at {error.filename}", elsewhere)
    if not existing.exists():
        return broken(NAME, f"{existing} is a link to what is not there", elsewhere)
    if not existing.is_dir():
        return broken(NAME, f"{existing} is a file, not a folder", f"{elsewhere} Or move that file away.")
    owner = existing.stat().st_uid
    if existing == root and owner != os.geteuid():
        return _foreign(root, owner)
    if not os.access(existing, os.W_OK | os.X_OK):
        return broken(NAME, f"{existing} may not be written by {_user(os.geteuid())}", elsewhere)
    return None


def _foreign(root: Path, owner: int) -> Finding:
    you, other = _user(os.geteuid()), _user(owner)
    take_over = f"sudo chown -R {you} {quote(str(root))}"
    fix = f"Run clara as {other}, or use a home of your own (CLARA_HOME), or take it over: {take_over}"
    return broken(NAME, f"{root} belongs to {other}, and you are {you}", fix)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _modes(home: Home) -> list[Finding]:
    """Folders that others may enter."""
    found = []
    for folder in (home.root, home.run, home.supervisor, home.postgres, home.temporal, home.logs):
        mode = _mode(folder)
        if mode is None or not mode & 0o077:
            continue
        if mode & 0o022:
            words = f"others can write to {folder} (mode {mode:o}), and so replace what she runs and reads"
            found.append(
                broken("permissions", words, f"chmod 700 {quote(str(folder))}", partial(_chmod, folder, _FOLDER))
            )
        elif folder == home.root:
            words = f"others can look into {folder} (mode {mode:o})"
            found.append(
                warn("permissions", words, f"chmod 700 {quote(str(folder))}", partial(_chmod, folder, _FOLDER))
            )
    return found


def _readable(home: Home) -> list[Finding]:
    """Files with secrets that others can read."""
    found = []
    for file in (source().file, home.record, home.postgres / "password", home.supervisor_config):
        mode = _mode(file) if file and file.is_file() else None
        if file and mode is not None and mode & 0o077:
            words = f"others can read {file} (mode {mode:o}), which has secrets in it"
            found.append(warn("permissions", words, f"chmod 600 {quote(str(file))}", partial(_chmod, file, _PRIVATE)))
    return found


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _chmod(path: Path, mode: int) -> str:
    path.chmod(mode)
    return f"set the mode of {path} to {mode:o}"


def strangers(root: Path, you: int) -> list[Finding]:
    """Files that another user owns, as after ``sudo clara start``. Root may do with them what it likes."""
    if you == 0:
        return []
    paths = (path for folder in (root, *filter(Path.is_dir, root.iterdir())) for path in _listed(folder))
    foreign = sorted({path for path in paths if path.lstat().st_uid != you})
    if not foreign:
        return []
    owner = _user(foreign[0].lstat().st_uid)
    words = f"{foreign[0]} {f'and {len(foreign) - 1} more belong' if foreign[1:] else 'belongs'} to {owner}, not to you"
    return [broken("permissions", words, f"sudo chown -R {_user(you)} {quote(str(root))}")]


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except PermissionError:
        return []


def _folders(home: Home) -> list[Finding]:
    """What a start makes, and what a running Clara misses where somebody has removed it."""
    if not home.record.exists():
        return []
    missing = [f for f in (home.logs, home.run, home.supervisor, home.postgres, home.temporal) if not f.is_dir()]
    if not missing:
        return []
    names = ", ".join(folder.name for folder in missing)

    def make() -> str:
        home.create()
        return f"made the folders {names}"

    return [warn(NAME, f"{home.root} has no folder {names}", "clara doctor --fix, or: clara restart", make)]


def room(facts: Facts) -> Finding:
    """Whether there is space on the disk. With outside servers little is kept here, so little is enough."""
    root = facts.settings.runtime.home
    free = disk.free(root)
    shortage = diskspace.shortage(free, str(root))
    if shortage is None or (free >= diskspace.FULL and not facts.is_embedded):
        return ok("disk", f"{free / 2**30:.1f} GiB free on the disk of {root}")
    return (broken if free < diskspace.FULL else warn)("disk", shortage, "Free some space there.")
