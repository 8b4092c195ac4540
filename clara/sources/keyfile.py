"""``secret_key`` of a CLARA_HOME: what secrets are encrypted with, where CLARA_SECRET_KEY is not set.

It is made at the first start. Each line is a key; the first one is encrypted with, and the others are former ones, by
which what they encrypted can still be read.
"""

import base64
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from clara.errors import Misconfigured

KEY_FILE = "secret_key"
"""Below CLARA_HOME, mode 0600. Whoever has it and the database can read every secret; without it nobody can."""


def is_key(text: str) -> bool:
    """Whether it has the form of a key: 32 random bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def read_keys(home: Path) -> tuple[str, ...]:
    """The keys of a home, the newest first; none before its first start. Misconfigured if the file is damaged."""
    path = home / KEY_FILE
    try:
        keys = tuple(path.read_text().split())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{path} cannot be read: {type(error).__name__}. It holds the key of all secrets."
        ) from None
    if not keys or not all(map(is_key, keys)):
        raise Misconfigured(
            f"{path} is damaged. It holds the key of all secrets: put it back from a backup. Without it, accounts and "
            "plugins have to be connected again, after that file was removed and Clara restarted."
        )
    return keys


def make_key(home: Path) -> None:
    """Have a key in a home. One that is there stays, also where two processes make it at once."""
    path = home / KEY_FILE
    if path.exists():
        return
    draft = _written(path, [new_key()])
    try:
        os.link(draft, path)  # unlike renaming, it never replaces another one's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write_keys(home: Path, keys: Sequence[str]) -> None:
    """Replace the keys of a home in one step: readers see the former ones or these."""
    path = home / KEY_FILE
    _written(path, keys).replace(path)


def _written(path: Path, keys: Sequence[str]) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft
