"""What runs, since when, and where: for people and for programs."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from clara.settings import Settings, source
from gateway.home import Home
from gateway.home.record import Record
from gateway.inspection.notices import notices
from gateway.supervision import claim
from gateway.supervision.supervisord import Process, attach
from store import disk


@dataclass(frozen=True)
class Status:
    home: str
    running: bool
    permanent: bool
    """It was started by ``clara start``, and not for a chat."""
    processes: tuple[Process, ...]
    temporal: str | None
    ui: str | None
    database: str | None
    """Without its password."""
    provider: str
    model: str
    settings_file: str | None
    """The file that it was started with while it runs, else the one that it would be."""
    free_bytes: int
    """On the disk of its home."""
    notices: tuple[str, ...]
    """What somebody should know or do."""

    @property
    def offline(self) -> bool:
        """No model provider is configured: answers come from a script."""
        return self.provider == "scripted"

    def as_json(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "permanent": self.permanent,
            "home": self.home,
            "processes": [
                {key: value for key, value in asdict(process).items() if key != "group"} for process in self.processes
            ],
            "addresses": {"temporal": self.temporal, "ui": self.ui, "database": self.database},
            "model": {"provider": self.provider, "name": self.model, "offline": self.offline},
            "settings_file": self.settings_file,
            "free_bytes": self.free_bytes,
            "notices": list(self.notices),
        }


def status(settings: Settings) -> Status:
    """NotRunning if there is a supervisor that does not answer."""
    home, runtime = Home(settings.runtime.home), settings.runtime
    home.check()
    supervisor = attach(home)
    processes = supervisor.processes() if supervisor else []
    if supervisor:
        boss = Process("supervisor", "supervisor", claim.holder(home, "supervisor"), "running", 0, supervisor.uptime())
        processes.insert(0, boss)
    return Status(
        home=str(home.root),
        running=supervisor is not None,
        permanent=home.permanent.exists(),
        processes=tuple(processes),
        temporal=runtime.temporal_address,
        ui=runtime.ui_url,
        database=without_password(runtime.database_url),
        provider=settings.llm.provider,
        model=settings.llm.model(settings.llm.provider, settings.llm.default_tier),
        settings_file=(Record.read(home).env_file if supervisor else str(source().file or "")) or None,
        free_bytes=disk.free(home.root),
        notices=(*source().overlooked, *notices(settings)),
    )


def without_password(url: str | None) -> str | None:
    """A database address that may be shown: user, host, port and name, and nothing else."""
    if url is None:
        return None
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{f'{parts.username}@' if parts.username else ''}{host}{parts.path}"
