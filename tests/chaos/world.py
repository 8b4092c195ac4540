"""The world that tools change: a loopback server outside of Clara that counts what was done to it."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

HELD_S = 120
"""A request that is held and never let go ends by itself, so that a failed test does not hang."""


class World:
    """Counts effects by path. Each takes effect at once and answers ``delay_s`` later, so that kills fall between.

    A request with ``?takes=<seconds>`` is that of a slow service: it takes effect only at the end of
    that time, also when whoever asked has gone meanwhile. ``hold`` makes every request slow until
    ``release``.
    """

    def __init__(self, delay_s: float = 0.15):
        self.begun: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.looks: Counter[str] = Counter()
        self._free = threading.Event()
        self._free.set()
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                where = urlsplit(self.path)
                world.begun[where.path] += 1
                takes = float(parse_qs(where.query).get("takes", ["0"])[0])
                world._free.wait(HELD_S)
                time.sleep(takes)
                world.effects[where.path] += 1
                time.sleep(delay_s)
                self._answer(201)

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                found = world.effects[path]
                world.looks[path] += 1
                self._answer(200 if found else 404)

            def _answer(self, status: int) -> None:
                try:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                except OSError:
                    self.close_connection = True  # the worker that asked was killed

            def log_message(self, *_: object) -> None:
                """Not on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def hold(self) -> None:
        """From now on requests arrive and take no effect."""
        self._free.clear()

    def release(self) -> None:
        """What was held takes effect."""
        self._free.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._free.set()
        self._server.shutdown()
        self._server.server_close()
