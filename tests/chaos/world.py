"""The world that tools change: a loopback server outside of Clara that counts what was done to it."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class World:
    """Counts effects by key. Each takes effect at once and answers ``delay_s`` later, so that kills fall between."""

    def __init__(self, delay_s: float = 0.15):
        self.effects: Counter[str] = Counter()
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                world.effects[self.path] += 1
                time.sleep(delay_s)
                self._answer(201)

            def do_GET(self) -> None:
                self._answer(200 if world.effects[self.path] else 404)

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

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
