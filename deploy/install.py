"""``python deploy/install.py ENVIRONMENT LOCK``: what ``pip install --require-hashes -r LOCK`` does, in less time.

uv does it, which is installed from requirements-installer.lock first, and is told what pip is told on this machine.
Where uv cannot be had, or fails, pip does it. Used by ``make setup``, before anything is installed, and by
``clara install``: it needs the standard library alone. May be interrupted and run again. Exit code: 0, or pip's.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

INSTALLER = Path(__file__).parents[1] / "requirements-installer.lock"

COLUMNS = 78

Shown = Callable[[str], str | None]
"""The progress after a line of an installer's; None if it tells of none."""

UV_HAS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "no-cache-dir": "UV_NO_CACHE",
}
"""The variables in which uv is told what pip is told by options of these names."""

UV_NEEDS_NOT = {
    *("cache-dir", "retries", "constraint", "no-compile"),  # every version is locked, so a constraint chooses none
    *("config-file", "disable-pip-version-check", "no-input", "no-color", "progress-bar", "quiet", "verbose", "log"),
    *("no-warn-script-location", "root-user-action", "require-virtualenv", "require-venv", "break-system-packages"),
}
"""Options of pip's that change nothing in what is installed, and from where."""


def told(configuration: str) -> dict[str, str] | None:
    """What ``pip config list`` says, as variables for uv; None if pip is told something that uv cannot be."""
    options: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in configuration.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in options:
            options[section][name] = str(ast.literal_eval(value))
    variables = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # pip's own: all indexes are equal; the hashes decide
    for name, value in (options["global"] | options["install"] | options[":env:"]).items():
        if name in UV_HAS:
            between = "," if name == "find-links" else " "
            variables[UV_HAS[name]] = between.join(value.split())
        elif name not in UV_NEEDS_NOT:
            return None
    return variables


def shown_by_uv(line: str) -> str | None:
    match line.split():
        case ["Resolved", count, *_]:
            return f"fetching {count} packages"
        case ["Downloading" | "Downloaded" as word, name, *_]:
            return f"{word.lower()} {name}"
        case ["Building", name, *_]:  # there is none for this system
            return f"building {name}, which takes minutes"
        case ["Prepared", count, *_]:
            return f"unpacking {count} packages"
    return None


class ShownByPip:
    """Counts the packages that pip tells of."""

    NEXT = ("Collecting ", "Processing ")
    """How pip's lines about each package begin: one from an index, or a file that is here already."""

    NOT_NEXT = ("Ignoring ", "Requirement already satisfied")
    """And about each that is for other systems, or installed."""

    def __init__(self, of: int) -> None:
        self.collected, self.of = 0, of

    def __call__(self, line: str) -> str | None:
        self.of -= line.startswith(self.NOT_NEXT)
        if line.startswith(self.NEXT):
            self.collected += 1
            name = line.split()[1].rpartition("/")[2].partition("==")[0]
            return f"{self.collected} of {self.of}  {name}"
        if line.startswith("Installing collected"):
            return f"{self.of} of {self.of}  unpacking all of them"
        if line.lstrip().startswith("Building wheel for "):  # there is none for this system
            return f"{self.of} of {self.of}  building {line.split()[3]}, which takes minutes"
        return None


def run(command: Sequence[str | Path], shown: Shown, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run an installer, with one line that shows what it is at. Its exit code, and what it said of an error."""
    wipe = f"\r{'':<{COLUMNS}}\r" if sys.stdout.isatty() else ""
    process = subprocess.Popen(
        list(map(str, command)),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    errors = ""
    assert process.stdout is not None
    for line in process.stdout:
        said = shown(line)
        if errors or line.lower().startswith("error"):  # from here on it says why
            errors += line
        elif said and wipe:
            sys.stdout.write(f"{wipe}  {said[: COLUMNS - 2]}")
            sys.stdout.flush()
    sys.stdout.write(wipe)
    return process.wait(), errors


def find_pip(python: Path) -> list[str | Path]:
    """The pip of the Python that runs this, or else of the environment, which gets one where need be."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", python]
    if subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        made = subprocess.run([python, "-m", "ensurepip"], capture_output=True, check=False)
        if made.returncode != 0:
            sys.exit("There is no pip to install with; on Debian or Ubuntu: apt install python3-venv")
    return [python, "-m", "pip"]


def find_uv(environment: Path, pip: list[str | Path]) -> Path | None:
    """The environment's uv, which gets one where need be; None if it cannot be had."""
    uv = environment / "bin" / "uv"
    metadata = "lib/python*/site-packages/uv-*.dist-info"
    if not any(environment.glob(metadata)):
        options = ("--quiet", "--retries", "1", "--no-compile", "--only-binary", ":all:", "--require-hashes")
        subprocess.run([*pip, "install", *options, "-r", INSTALLER], capture_output=True, check=False)
    return uv if any(environment.glob(metadata)) else None


def by_uv(environment: Path, lock: Path, pip: list[str | Path]) -> bool:
    """Whether uv has done it. Silent where it is not to be used; one line where it fails."""
    asked = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    variables = told(asked.stdout) if asked.returncode == 0 else None
    uv = find_uv(environment, pip) if variables is not None else None
    if uv is None or variables is None:
        return False
    python = environment / "bin" / "python"
    command: list[str | Path] = [uv, "pip", "install", "--python", python, "--require-hashes", "-r", lock]
    try:
        code, errors = run(command, shown_by_uv, {**os.environ, **variables, "NO_COLOR": "1"})
    except OSError as error:  # it is not for this system
        code, errors = 1, str(error)
    if code != 0:
        reason = errors.partition("\n")[0].removeprefix("error: ") or f"exit code {code}"
        sys.stdout.write(f"uv could not install them, so pip does, which takes longer ({reason})\n")
        sys.stdout.flush()
    return code == 0


def remove_torn(environment: Path) -> None:
    """Remove the metadata of packages whose installation was cut short: they would be taken for installed.

    Of what is written last, pip writes RECORD after INSTALLER; uv has had the RECORD of the wheel before.
    """
    for folder in environment.glob("lib/python*/site-packages/*.dist-info"):
        if not (folder / "RECORD").exists() or not (folder / "INSTALLER").exists():
            shutil.rmtree(folder)


def main(environment: Path, lock: Path) -> int:
    pip = find_pip(environment / "bin" / "python")
    remove_torn(environment)
    if by_uv(environment, lock, pip):
        return 0
    shown = ShownByPip(sum("==" in line for line in lock.read_text().splitlines()))
    command = [*pip, "--disable-pip-version-check", "--no-input", "install", "--require-hashes", "-r", lock]
    code, errors = run(command, shown)
    sys.stdout.write(errors)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]).absolute(), Path(sys.argv[2])))
    except KeyboardInterrupt:
        sys.exit(130)
