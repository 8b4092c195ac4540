"""Inside of a box, before a command: ``forwarder.py SOCKET COMMAND [ARGUMENTS]``, given to ``python3 -c`` as it stands.

Offers the proxy behind SOCKET on 127.0.0.1 and becomes the command, which is told of it by its environment. So the
command keeps its process, its streams and its exit code. What forwards is a process of its own, which holds no stream
and ends when nobody is left who has the command's end of a pipe. It needs a Python of 3.8, and its standard library.
"""

import os
import select
import socket
import sys
import threading
from contextlib import suppress

NAMES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
HERE = "localhost,127.0.0.1,::1"
PIECE = 65536


def main() -> None:
    path, command = sys.argv[1], sys.argv[2:]
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    here, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        # Once more, so that the command finds no child that it did not start.
        if os.fork() == 0:
            os.close(theirs)
            be_silent()
            serve(listening, path, here)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(here)
    os.set_inheritable(theirs, True)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    environment = {**os.environ, **dict.fromkeys(NAMES, url), "no_proxy": HERE, "NO_PROXY": HERE}
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def be_silent() -> None:
    """Let go of the command's streams, whose end somebody waits for."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def serve(listening: socket.socket, path: str, alive: int) -> None:
    """Take connections until the last holder of the pipe is gone."""
    while True:
        ready, _, _ = select.select([listening.fileno(), alive], [], [])
        if alive in ready:
            return
        near, _ = listening.accept()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(path)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(source, target), daemon=True).start()
        except (OSError, RuntimeError):  # no proxy is there any more, or the box has no room for a thread
            near.close()
            far.close()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while True:
            piece = source.recv(PIECE)
            if not piece:
                break
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    main()
