"""Ctrl-C before a command has begun."""

import signal
import subprocess
import sys

HELD = """
import builtins, os, signal, sys
import gateway.__main__ as command
whole = builtins.__import__
def interrupted(name, *rest, **more):
    if name.startswith({module!r}):
        builtins.__import__ = whole
        os.kill(os.getpid(), signal.SIGINT)
    return whole(name, *rest, **more)
builtins.__import__ = interrupted
command.main()
"""


def test_while_modules_are_imported_it_ends_without_a_traceback() -> None:
    for module in ("temporal.processes.leaving", "clara.errors", "gateway.commands", "click"):
        ended = subprocess.run(
            [sys.executable, "-c", HELD.format(module=module), "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (128 + signal.SIGINT, "", ""), module
