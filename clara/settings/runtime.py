"""Where Clara keeps her state, which servers she talks to, and how she presents herself."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from clara.settings.fields import CommaList, Secret, Zone
from clara.settings.subject import COMMON, Part, ReadBy, Subject
from clara.sources.stackfile import read_stack


class RuntimeSettings(Subject):
    """Her name, her persona, and tools of your own."""

    heading = "Clara herself"
    readers = (COMMON,)
    parts: ClassVar = {
        "home": Part(
            "Home, processes and servers",
            "Without `DATABASE_URL` Clara runs a Postgres of her own, and without `TEMPORAL_ADDRESS` (or "
            "`TEMPORAL_PROFILE`)\na Temporal of her own, both below `CLARA_HOME`. Each can be replaced alone.",
        ),
    }

    name: str = Field("Clara", alias="BOT_NAME", max_length=60, description="The name that she goes by.")
    personality: str | None = Field(
        None,
        alias="BOT_PERSONALITY",
        max_length=20_000,
        description="A persona in place of her own. The rules that keep tools and secrets safe stay.",
    )
    personality_file: Annotated[Path | None, ReadBy()] = Field(
        None,
        alias="BOT_PERSONALITY_FILE",
        description="A text file with such a persona, which counts instead of BOT_PERSONALITY. "
        "Its first 20000 characters are used.",
    )
    timezone: Zone = Field(
        "UTC",
        alias="DEFAULT_TIMEZONE",
        description="The time zone of people whose own is not known, for example Europe/Berlin.",
    )
    cli_user: Annotated[str, ReadBy("cli")] = Field(
        "me",
        alias="CLI_USER_ID",
        pattern=r"^[A-Za-z0-9_.@-]{1,100}$",
        description="The id of the person who speaks in the terminal. Memories and notes belong to it.",
    )
    tool_modules: Annotated[CommaList, ReadBy("worker")] = Field(
        (),
        alias="CLARA_TOOLS",
        description="Importable Python modules with tools of your own, separated by commas.",
    )

    home: Annotated[Path, ReadBy()] = Field(
        Path("~/.clara"),
        alias="CLARA_HOME",
        description="The folder of everything that Clara writes. Two homes are two Claras.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="LOG_LEVEL", description="The lowest level of messages that are written to the logs."
    )
    workers: Annotated[int, ReadBy()] = Field(
        1,
        alias="CLARA_WORKERS",
        ge=1,
        le=16,
        description="How many worker processes `clara start` runs. With compose, use `--scale worker=N`.",
    )
    outside_database: Annotated[Secret | None, ReadBy()] = Field(
        None,
        alias="DATABASE_URL",
        description="The address of a Postgres 15 or newer with pgvector, in place of the embedded one: "
        "postgresql://user:password@host:5432/name. With compose it is not read.",
    )
    outside_temporal: Annotated[str | None, ReadBy()] = Field(
        None,
        alias="TEMPORAL_ADDRESS",
        description="The address of a Temporal server, in place of the embedded one: host:7233. "
        "With compose it is not read.",
    )
    namespace: Annotated[str | None, ReadBy()] = Field(
        None,
        alias="TEMPORAL_NAMESPACE",
        description="The namespace on the Temporal server. If it is not set: default, with compose clara.",
    )
    temporal_profile: Annotated[str | None, ReadBy()] = Field(
        None,
        alias="TEMPORAL_PROFILE",
        description="A profile of Temporal's own configuration file, in place of an address.",
    )

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

    @property
    def web_url(self) -> str | None:
        """Where the web service of this home listens, if no setting says so; None until the first start."""
        return self._stack.get("web_url") or None
