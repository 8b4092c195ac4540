"""A new home, models and a Discord on loopback, and ``clara setup`` run against them as a person would."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from dotenv import dotenv_values

from tests import nursery
from tests.gateway.homes import Ran
from tests.loopback.models.server import ModelServer

TOKEN = "MTEyMjMzNDQ1NTY2Nzc4ODk5MA.GaBcDe.0123456789abcdefghijklmnopqrstuvwxyzAB"


@dataclass
class Setup:
    root: Path
    models: ModelServer
    discord_url: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.root / "home" / ".env"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return {
            **inherited,
            "CLARA_HOME": str(self.root / "home"),
            "CLARA_ENV_FILE": "",
            "ANTHROPIC_BASE_URL": self.models.url,
            "ANTHROPIC_MODEL": "echo",
            "CUSTOM_OPENAI_MODEL": "echo",
            "DISCORD_API_BASE": self.discord_url,
            "TZ": "Europe/Berlin",
            "TERM": "xterm",
            **self.variables,
        }

    def run(self, *options: str, stdin: str = "") -> Ran:
        done = nursery.run("gateway", "setup", *options, env=self.environment, cwd=self.root, given=stdin)
        return Ran(done.returncode, done.stdout, done.stderr)

    def secret(self, text: str, name: str = "secret") -> str:
        path = self.root / name
        path.write_text(f"{text}\n")
        return str(path)

    def saved(self) -> dict[str, str | None]:
        return dict(dotenv_values(self.file)) if self.file.exists() else {}

    @property
    def asked(self) -> int:
        """How many requests the models have had."""
        return len(self.models.log)


class _Discord(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body: dict[str, object] = {"message": "401: Unauthorized", "code": 0}
        status = 401
        if self.headers["Authorization"] == f"Bot {TOKEN}":
            status = 200
            body = {"id": "99887766", "flags": 0} if "applications" in self.path else {"id": "1", "username": "Nova"}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing to the tests' screen."""


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    models = ModelServer()
    models.start()
    discord = ThreadingHTTPServer(("127.0.0.1", 0), _Discord)
    Thread(target=discord.serve_forever, daemon=True).start()
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / ".env").write_text("# mine\n")
    yield Setup(tmp_path, models, f"http://127.0.0.1:{discord.server_port}")
    discord.shutdown()
    discord.server_close()
    models.stop()
