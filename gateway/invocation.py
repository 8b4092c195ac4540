"""Finding out what a person has to type for ``clara``."""

import shlex
import shutil
from pathlib import Path


def command(interpreter: Path, folder: Path, search_path: str | None = None) -> str:
    """``clara`` if the PATH leads to the one beside ``interpreter``, else its path.

    ``search_path`` stands for the PATH; by default it is that of the environment.
    """
    script = interpreter.parent / "clara"
    if not script.exists():  # run as a module, from nothing that was installed
        return "clara"
    found = shutil.which("clara", path=search_path)
    if found and Path(found).resolve() == script.resolve():
        return "clara"
    absolute = script.absolute()
    checkout = script.parents[2].absolute()
    return shlex.quote(str(absolute.relative_to(folder) if folder == checkout else absolute))
