"""How the programs of ``inside`` get into a box, and how they are run there."""

import io
import tarfile
from importlib.resources import files

FOLDER = "/home/.clara"
"""In every box. It belongs to root, and is among what is kept."""

_INSIDE = "activities.sandbox.supervised.inside"


def command(name: str, *arguments: str) -> list[str]:
    """How one of them is run: without the user's own modules, and from where the user cannot write."""
    code = f"import sys; sys.path.insert(0, {FOLDER!r}); from inside.{name} import main; main()"
    return ["python3", "-I", "-S", "-c", code, *arguments]


def packed(home: str, owner: int, folder: str) -> bytes:
    """A tar with the home of the user, and the programs, which are root's; paths as they are unpacked."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        _folder(tar, home, owner, 0o700)
        _folder(tar, folder, 0, 0o755)
        _folder(tar, f"{folder}/inside", 0, 0o755)
        for file in sorted(files(_INSIDE).iterdir(), key=lambda each: each.name):
            if file.name.endswith(".py"):
                data = file.read_bytes()
                entry = tarfile.TarInfo(f"{folder}/inside/{file.name}")
                entry.size, entry.mode = len(data), 0o644
                tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _folder(tar: tarfile.TarFile, name: str, owner: int, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
    tar.addfile(entry)
