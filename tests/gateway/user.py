"""Somebody who uses the stack until there is nothing more to read, as a chat does."""

import sys

from clara.settings import load
from gateway.console.progress import shown
from gateway.stack.lifetime import ensure_running

if __name__ == "__main__":
    with ensure_running(load(), shown):
        sys.stdout.write("up\n")
        sys.stdout.flush()
        sys.stdin.read()
