"""Files that commands and processes left behind when they were killed."""

import fcntl
import os
import re
import shutil
from pathlib import Path

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, warn
from gateway.home import Home
from gateway.supervision import claim

NAME = "leftovers"
_DRAFT = re.compile(r"(stack\.json|password|supervisord\.conf)\.(\d+)")


def check(facts: Facts) -> list[Finding]:
    home = facts.home
    if facts.supervision.running or not home.root.is_dir():
        return []
    stale = _stale(home)
    if not stale:
        return []
    names = ", ".join(path.name for path in stale)
    words = f"left behind by processes that are gone: {names}"
    return [warn(NAME, words, "They do no harm. To remove them: clara doctor --fix", lambda: _removed(home))]


def _stale(home: Home) -> list[Path]:
    """Nothing where all ended in good order, which leaves claims that nobody holds and nothing else."""
    claims = [path for path in sorted(home.run.glob("*.pid")) if claim.holder(home, path.stem) is None]
    drafts = [
        path
        for folder in (home.root, home.postgres, home.supervisor)
        for path in sorted(folder.glob("*"))
        if (found := _DRAFT.fullmatch(path.name)) and not _lives(int(found[2]))
    ]
    half_made = [path for path in (home.postgres / "data.new",) if path.exists()]
    left = [*(path for path in (home.ready,) if path.exists()), *drafts, *half_made]
    return [*claims, *left] if left else []


def _removed(home: Home) -> str:
    # Under the lock of starting and stopping: a process that is about to claim its name must not lose its file.
    descriptor = os.open(home.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if claim.holder(home, "supervisor") is not None:
            return "removed nothing: Clara was started meanwhile"
        stale = _stale(home)
        for path in stale:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except BlockingIOError:
        return "removed nothing: another clara command is starting or stopping this home"
    finally:
        os.close(descriptor)
    return f"removed {', '.join(path.name for path in stale)}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
