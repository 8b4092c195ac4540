"""stack.json: where this home's servers listen, and the secrets to reach them."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from gateway.home import Home
from gateway.ports import free_port, is_free

DATABASE_USER = "clara"


@dataclass(frozen=True)
class Record:
    """Everything is text, because the settings read the same file. Empty where not set up."""

    database_url: str = ""
    temporal_address: str = ""
    ui_url: str = ""
    supervisor_port: str = ""
    supervisor_password: str = ""
    directory: str = ""
    """Where the person was when the stack was started; relative paths in settings count from there."""

    @classmethod
    def read(cls, home: Home) -> "Record":
        """The record of this home; an empty one before the first start."""
        try:
            found = json.loads(home.record.read_text())
        except FileNotFoundError:
            return cls()
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

    def for_start(self, home: Home) -> "Record":
        """A record whose ports can be listened on: the same ones as long as nobody else took them.

        Call it only when nothing of this home is running.
        """
        postgres, temporal, ui, supervisor = (
            port if port and is_free(port) else 0
            for port in (self.postgres_port, self.temporal_port, self.ui_port, _port(self.supervisor_port))
        )
        return replace(
            self,
            database_url=f"postgresql://{DATABASE_USER}:{database_password(home)}"
            f"@127.0.0.1:{postgres or free_port()}/postgres",
            temporal_address=f"127.0.0.1:{temporal or free_port()}",
            ui_url=f"http://127.0.0.1:{ui or free_port()}",
            supervisor_port=str(supervisor or free_port()),
            supervisor_password=self.supervisor_password or secrets.token_hex(24),
            directory=os.getcwd(),
        )


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
    with open(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)


def _port(address: str) -> int:
    digits = address.rpartition(":")[2]
    return int(digits) if digits.isdigit() else 0
