"""How the command was called, and what a person has to type for it."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from clara.invocation import called_as


def prepare() -> None:
    """Make the process fit for a command, however it was called. Call it first."""
    _occupy_standard_descriptors()
    called_as(command(Path(sys.executable), _folder()))


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


def _occupy_standard_descriptors() -> None:
    """Where one of the first three was closed, the next file that is opened would pass for it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(descriptor)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - as long as the process lives
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def _folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it was removed meanwhile; nothing is looked for in it then
        os.chdir("/")
        return Path("/")
