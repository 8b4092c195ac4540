"""stack.json: where this home's servers listen, and the secrets to reach them."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from clara.sources.finding import Source
from clara.sources.stackfile import read_stack
from gateway.home import Home
from gateway.home.ports import free_port, hidden_address, is_free

DATABASE_USER = "clara"

NOT_OF_THE_STACK = {"CLARA_ENV_FILE", "CLARA_HOME", "CLI_USER_ID"}
"""Variables that each command has for itself."""


@dataclass(frozen=True)
class Record:
    """Everything is text, because the settings read the same file. Empty where not set up."""

    database_url: str = ""
    temporal_address: str = ""
    ui_url: str = ""
    ui_upstream: str = ""
    """Where Temporal itself serves its Web UI; ``ui_url`` is the filter in front of it."""
    web_url: str = ""
    """Of the web service, where WEB_PORT does not say another port."""
    supervisor_port: str = ""
    supervisor_password: str = ""
    directory: str = ""
    """Where the person was when the stack was started; relative paths in settings count from there."""
    env_file: str = ""
    """The file of settings that it was started with; empty if there was none."""
    settings: str = ""
    """A keyed digest of each setting that it was started with, so that a change can be named and no value read."""

    @classmethod
    def read(cls, home: Home) -> "Record":
        """The record of this home; an empty one before the first start. Misconfigured if it is damaged."""
        found = read_stack(home.root)
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in found.items() if name in known})

    def write(self, home: Home) -> None:
        write_private(home.record, json.dumps(asdict(self), indent=2) + "\n")

    @property
    def postgres_port(self) -> int:
        return _port(self.database_url.removesuffix("/postgres"))

    @property
    def temporal_port(self) -> int:
        return _port(self.temporal_address)

    @property
    def ui_port(self) -> int:
        return _port(self.ui_url)

    def changed(self, environment: Mapping[str, str]) -> list[str]:
        """The names of settings that are not as they were at the start; none where none are recorded."""
        if not self.settings:
            return []
        before, now = (
            dict(pair.split(":") for pair in text.split()) for text in (self.settings, self._digests(environment))
        )
        changed = (name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        return sorted(name for name in changed if name)  # without one, the digests of no setting at all

    def _digests(self, environment: Mapping[str, str]) -> str:
        from clara.settings import known_names  # needed by commands alone, and slow to import for every process

        names = sorted(name for name in known_names() - NOT_OF_THE_STACK if environment.get(name, "").strip())
        key = self.supervisor_password.encode()
        digests = (hmac.new(key, f"{name}={environment[name].strip()}".encode(), hashlib.sha256) for name in names)
        return " ".join(f"{name}:{digest.hexdigest()[:16]}" for name, digest in zip(names, digests, strict=True)) or ":"

    def for_start(self, home: Home, source: Source, environment: Mapping[str, str]) -> "Record":
        """A record whose ports can be listened on: the same ones as long as nobody else took them.

        Call it only when nothing of this home is running.
        """
        postgres, temporal, ui, web, supervisor = (
            port if port and is_free(port) else 0
            for port in (
                *(self.postgres_port, self.temporal_port, self.ui_port),
                *(_port(self.web_url), _port(self.supervisor_port)),
            )
        )
        ready = replace(
            self,
            database_url=f"postgresql://{DATABASE_USER}:{database_password(home)}"
            f"@127.0.0.1:{postgres or free_port()}/postgres",
            temporal_address=f"127.0.0.1:{temporal or free_port()}",
            ui_url=f"http://127.0.0.1:{ui or free_port()}",
            ui_upstream=f"{hidden_address()}:{free_port()}",
            web_url=f"http://127.0.0.1:{web or free_port()}",
            supervisor_port=str(supervisor or free_port()),
            supervisor_password=self.supervisor_password or secrets.token_hex(24),
            directory=os.getcwd(),
            env_file=str(source.file or ""),
        )
        return replace(ready, settings=ready._digests(environment))


def database_password(home: Home) -> str:
    """Made once per home. Kept beside the data, so that a lost stack.json does not lock her out of it."""
    path = home.postgres / "password"
    if not path.exists():
        write_private(path, secrets.token_hex(24))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step: readers see the old or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except BaseException:  # a full disk, most likely, which is to keep no litter as well
        draft.unlink(missing_ok=True)
        raise


def _port(address: str) -> int:
    digits = address.rpartition(":")[2]
    return int(digits) if digits.isdigit() else 0
