"""Where Clara keeps her state, which servers she talks to, and how she presents herself."""

from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from clara.settings.fields import CommaList, Secret, Subject, Zone
from clara.settings.stackfile import read_stack


class RuntimeSettings(Subject):
    """``DATABASE_URL`` and ``TEMPORAL_ADDRESS`` name outside servers; else the embedded ones of CLARA_HOME count."""

    home: Path = Field(Path("~/.clara"), alias="CLARA_HOME")
    outside_database: Secret | None = Field(None, alias="DATABASE_URL")
    outside_temporal: str | None = Field(None, alias="TEMPORAL_ADDRESS")
    temporal_profile: str | None = Field(None, alias="TEMPORAL_PROFILE")
    namespace: str | None = Field(None, alias="TEMPORAL_NAMESPACE")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", alias="LOG_LEVEL")
    timezone: Zone = Field("UTC", alias="DEFAULT_TIMEZONE")
    name: str = Field("Clara", alias="BOT_NAME", max_length=60)
    personality: str | None = Field(None, alias="BOT_PERSONALITY", max_length=20_000)
    personality_file: Path | None = Field(None, alias="BOT_PERSONALITY_FILE")
    cli_user: str = Field("me", alias="CLI_USER_ID", pattern=r"^[A-Za-z0-9_.@-]{1,100}$")
    workers: int = Field(1, alias="CLARA_WORKERS", ge=1, le=16)
    tool_modules: CommaList = Field((), alias="CLARA_TOOLS")

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:  # ~somebody
            raise ValueError("must be a folder; there is no user of that name") from None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _readable(self) -> Self:
        url = self.outside_database
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("DATABASE_URL: must be an address like postgresql://user:password@host:5432/name")
        address = self.outside_temporal
        if address and not address.rpartition(":")[2].isdigit():
            raise ValueError("TEMPORAL_ADDRESS: must be host:port, like localhost:7233")
        file = self.personality_file
        if file and not file.expanduser().is_file():
            raise ValueError("BOT_PERSONALITY_FILE: must be the path of a readable text file")
        return self

    @cached_property
    def _stack(self) -> dict[str, str]:
        return read_stack(self.home)

    def personality_text(self) -> str | None:
        """The operator's own persona; None for Clara's."""
        if self.personality_file:
            return self.personality_file.expanduser().read_text()[:20_000]
        return self.personality

    @property
    def embedded_database(self) -> bool:
        return self.outside_database is None

    @property
    def embedded_temporal(self) -> bool:
        return self.outside_temporal is None and self.temporal_profile is None

    @property
    def database_url(self) -> str | None:
        """None until the embedded database of this home has been set up."""
        if self.outside_database:
            return self.outside_database.get_secret_value()
        return self._stack.get("database_url")

    @property
    def temporal_address(self) -> str | None:
        """None until the embedded server of this home has been set up."""
        return self.outside_temporal or self._stack.get("temporal_address")

    @property
    def ui_url(self) -> str | None:
        """The embedded server's web page; an outside one's is its operator's business."""
        return self._stack.get("ui_url") if self.embedded_temporal else None
