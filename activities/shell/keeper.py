"""Runs a shell command and ends it, with all that it has started, when whoever had it run is gone.

A script of its own, started with the interpreter's ``-I`` and nothing but the standard library: the lifeline's number
and the command are its arguments. The lifeline is a pipe whose other end the worker holds. It closes with the worker,
however that ends, and then the command's process group is killed; so it is once the command itself has ended.
"""

import os
import signal
import subprocess
import sys
import threading


def main(lifeline: int, command: str) -> int:
    os.set_inheritable(lifeline, False)
    process = subprocess.Popen(["/bin/sh", "-c", command], start_new_session=True)

    def end() -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def watch() -> None:
        os.read(lifeline, 1)
        end()

    threading.Thread(target=watch, daemon=True).start()
    code = process.wait()
    end()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
