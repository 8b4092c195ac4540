"""Which file the settings are read from. It does not depend on the folder that a command is given in.

In this order:

1. the file that CLARA_ENV_FILE names, in the environment itself
2. ``.env`` in CLARA_HOME
3. the file that Clara was last started with, which ``stack.json`` remembers
4. ``.env`` of the checkout that this code is in
5. at the very first start ``.env`` of the current folder, which is remembered from then on
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clara.errors import Misconfigured
from clara.sources.envfile import EnvFile, parse
from clara.sources.stackfile import read_stack

ENV_FILE = ".env"
DEFAULT_HOME = "~/.clara"
CHECKOUT = Path(__file__).parents[2]
LONGEST = 2**20
"""Bytes of a file of settings; a longer one is something else."""


@dataclass(frozen=True)
class Source:
    """Where settings come from, besides the environment."""

    home: Path
    file: Path | None
    """None if there is no file at all."""
    values: Mapping[str, str]
    warnings: tuple[str, ...]
    """What is odd about its lines."""
    overlooked: tuple[str, ...]
    """Other files that somebody may believe to count."""


def find(environment: Mapping[str, str], known: Collection[str]) -> Source:
    """The file that counts and what it says; Misconfigured tells of one that cannot be read."""
    home = find_home(environment)
    file = _choose(environment, home)
    found = _read(file, known) if file else EnvFile({})
    warnings = list(found.warnings)
    told = found.values.get("CLARA_HOME")
    if told and file and _absolute(told) != home:
        warnings.append(f"{file}: CLARA_HOME has no effect there; Clara's home is {home}.")
    return Source(home, file, found.values, tuple(warnings), tuple(_overlooked(environment, home, file, known)))


def find_home(environment: Mapping[str, str]) -> Path:
    """CLARA_HOME, even where the rest of the settings cannot be read."""
    told = environment.get("CLARA_HOME", "").strip()
    named = environment.get("CLARA_ENV_FILE", "").strip()
    for file in [Path(named)] if named else [CHECKOUT / ENV_FILE, Path(ENV_FILE)]:
        if told:
            break
        try:
            told = _read(file, ()).values.get("CLARA_HOME", "").strip() if file.is_file() else ""
        except Misconfigured:
            continue  # if it is the one that counts, ``find`` says so
    return _absolute(told or DEFAULT_HOME)


def _choose(environment: Mapping[str, str], home: Path) -> Path | None:
    named = environment.get("CLARA_ENV_FILE", "").strip()
    if named:
        return _absolute(named)
    if os.path.lexists(home / ENV_FILE):
        return home / ENV_FILE
    others = [path for path in (CHECKOUT / ENV_FILE, Path.cwd() / ENV_FILE) if path.exists()]
    remembered = _remembered(home)
    if remembered and (remembered.exists() or not others):
        return remembered
    if others and others[0].is_dir() and others[0] != CHECKOUT / ENV_FILE:
        return None  # a virtual environment of another project
    return others[0] if others else None


def _remembered(home: Path) -> Path | None:
    try:
        path = read_stack(home).get("env_file")
    except Misconfigured:  # whoever needs the addresses in it says so
        return None
    return Path(path) if path else None


def _read(file: Path, known: Collection[str]) -> EnvFile:
    if file == Path(os.devnull):
        return EnvFile({})
    if file.is_dir():
        raise Misconfigured(f"{file} is a folder, and Clara expects a file with settings of that name. Move it away.")
    if file.exists() and not file.is_file():
        raise Misconfigured(f"{file} is not a file with settings.")
    try:
        with file.open("rb") as stream:
            data = stream.read(LONGEST + 1)
    except FileNotFoundError:
        raise Misconfigured(
            f"{file} is where Clara's settings should be, and there is no such file. Put it there; or, if no "
            f"CLARA_ENV_FILE names it, make {ENV_FILE} in CLARA_HOME, which may be empty."
        ) from None
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > LONGEST:
        raise Misconfigured(f"{file} is longer than any file with settings.")
    return parse(data, str(file), known)


def _overlooked(
    environment: Mapping[str, str], home: Path, chosen: Path | None, known: Collection[str]
) -> Iterator[str]:
    if environment.get("CLARA_ENV_FILE"):
        return
    for path in sorted({(CHECKOUT / ENV_FILE).resolve(), (Path.cwd() / ENV_FILE).resolve()}):
        if chosen and path != chosen.resolve() and _speaks_of(path, known):
            yield f"{path} is not read: Clara's settings are in {chosen}. To change to it, move it there."
    remembered = _remembered(home)
    if remembered and chosen and remembered != chosen and not remembered.exists():
        yield f"{remembered}, with the settings that Clara was started with, is gone; {chosen} counts now."


def _speaks_of(file: Path, known: Collection[str]) -> bool:
    """Whether a file is meant for Clara, and not for whatever else lives in that folder."""
    try:
        return file.is_file() and not _read(file, ()).values.keys().isdisjoint(known)
    except Misconfigured:
        return False


def _absolute(path: str) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:  # ~somebody
        raise Misconfigured(f"CLARA_HOME or CLARA_ENV_FILE: there is no user of the name in {path}") from None
