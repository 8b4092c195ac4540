"""``python deploy/install.py REQUIREMENTS``: pip, with one line that shows what it is at.

Used by ``make setup``, before anything is installed, and by ``clara install``: it needs the standard library
alone. Exit code: pip's.
"""

import subprocess
import sys
from pathlib import Path

COLUMNS = 78
NEXT = ("Collecting ", "Processing ")
"""How pip's lines about each package begin: one from an index, or a file that is here already."""

NOT_NEXT = ("Ignoring ", "Requirement already satisfied")
"""And about each that is for other systems, or installed."""


def shown(line: str, collected: int, of: int) -> str | None:
    """The progress after this line of pip's; None if it tells of none."""
    if line.startswith(NEXT):
        return f"  {collected} of {of}  {line.split()[1].rpartition('/')[2].partition('==')[0]}"
    if line.startswith("Installing collected"):
        return f"  {of} of {of}  unpacking all of them"
    if line.lstrip().startswith("Building wheel for "):  # there is none for this system
        return f"  {of} of {of}  building {line.split()[3]}, which takes minutes"
    return None


def main(requirements: str) -> int:
    of = sum("==" in line for line in Path(requirements).read_text().splitlines())
    wipe = f"\r{'':<{COLUMNS}}\r" if sys.stdout.isatty() else ""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    pip = subprocess.Popen(
        [*command, "--require-hashes", "-r", requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    collected, failing = 0, False
    assert pip.stdout is not None
    for line in pip.stdout:
        collected += line.startswith(NEXT)
        of -= line.startswith(NOT_NEXT)
        failing = failing or line.lower().startswith("error")
        said = shown(line, collected, of)
        if failing:  # from here on pip says why
            sys.stdout.write(f"{wipe}{line}")
        elif said and wipe:
            sys.stdout.write(f"{wipe}{said[:COLUMNS]}")
        sys.stdout.flush()
    sys.stdout.write(wipe)
    return pip.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
