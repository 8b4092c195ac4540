"""Becoming another of Clara's processes without a new interpreter.

What ``exec`` of ``python -P -m MODULE`` does, in a process that has imported everything already: a module runs as
``__main__`` with words, an environment, streams and signal handlers of its own. Callers never return, so whatever
they still refer to is never tidied up, and closes no descriptor that has become somebody else's.
"""

import asyncio
import fcntl
import gc
import io
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

OURS = ("gateway.", "workers", "adapters.")
"""Modules that are run so. All else is executed as ever."""

_exec, _exec_with = os.execv, os.execve


def become(module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """``python -P -m MODULE ARGUMENTS``, in this process; its descriptors are as they are to be."""
    code = 1
    try:
        _forget_handlers()
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        _open_streams(unbuffered="PYTHONUNBUFFERED" in environment)
        asyncio._set_running_loop(None)
        warnings.filterwarnings("ignore", r".*found in sys\.modules after import of package", RuntimeWarning)
        sys.argv = [module, *arguments]
        gc.enable()  # subprocess forks without it
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            if isinstance(ended.code, str):
                sys.stderr.write(f"{ended.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def hand_on() -> None:
    """From now on, what this process starts or becomes of Clara's goes on from here as well, and so do its own."""
    os.execv = _execv  # type: ignore[assignment]
    os.execve = _execve  # type: ignore[assignment]
    subprocess.Popen = _Popen  # type: ignore[assignment, misc]


def _ours(argv: Any) -> bool:
    """Whether that is one of Clara's modules, for this Python; and whether a fork has all of this process."""
    if not isinstance(argv, list) or argv[1:3] != ["-P", "-m"] or not str(argv[3]).startswith(OURS):
        return False
    return Path(argv[0]).name == Path(sys.executable).name and len(os.listdir("/proc/self/task")) == 1


class _Popen(subprocess.Popen[Any]):
    """One that runs the module where it would execute Python."""

    def __init__(self, args: Any, **options: Any) -> None:
        if _ours(args):
            environment = options.get("env")
            options["preexec_fn"] = partial(
                _without_others, args, dict(os.environ if environment is None else environment)
            )
        super().__init__(args, **options)


def _without_others(argv: list[str], environment: Mapping[str, str]) -> NoReturn:
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    become(argv[3], argv[4:], environment)


def _execv(path: str, argv: list[str]) -> NoReturn:
    _execve(path, argv, dict(os.environ))


def _execve(path: str, argv: list[str], environment: Mapping[str, str]) -> NoReturn:
    if not _ours(argv):
        if environment is os.environ:
            _exec(path, argv)
        _exec_with(path, argv, environment)
    for each in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            if (number := int(each)) > 2 and fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC:
                os.close(number)
    become(argv[3], argv[4:], environment)


def _forget_handlers() -> None:
    """As they are at Python's start."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _open_streams(unbuffered: bool) -> None:
    """As Python opens them at its start: what it knows of the old ones is not true of the new descriptors."""
    as_text: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape"}
    sys.stdin = sys.__stdin__ = open(0, **as_text, closefd=False)  # type: ignore[misc] # noqa: SIM115
    for number, name in ((1, "stdout"), (2, "stderr")):
        below = open(number, "wb", buffering=0 if unbuffered else -1, closefd=False)  # noqa: SIM115
        stream = io.TextIOWrapper(below, **as_text, write_through=unbuffered, line_buffering=number == 2)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
