"""Discord: the bot's token, where and whom it hears, and how large a file may be."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from clara.phrases import DEFAULT_STOP_PHRASES
from clara.settings.fields import CommaList, HttpUrl, Secret, Subject, is_loopback

KIB = 1024


def _base(value: str) -> str:
    """The address without ``/api`` and the version, which the adapter adds itself."""
    base = re.sub(r"/api(/v\d+)?$", "", value)
    parts = urlsplit(base)
    if not is_loopback(base) and (parts.scheme, parts.netloc) != ("https", "discord.com"):
        raise ValueError("must be https://discord.com, or a server on this machine for tests")
    return base


class DiscordSettings(Subject):
    """``DISCORD_BOT_TOKEN`` switches Discord on. Empty allow-lists allow everything."""

    token: Secret | None = Field(None, alias="DISCORD_BOT_TOKEN")
    api_base: Annotated[HttpUrl, AfterValidator(_base)] = Field("https://discord.com", alias="DISCORD_API_BASE")
    allowed_servers: CommaList = Field((), alias="DISCORD_ALLOWED_SERVERS", description="ids of servers")
    allowed_channels: CommaList = Field((), alias="DISCORD_ALLOWED_CHANNELS", description="ids; their threads too")
    allowed_roles: CommaList = Field((), alias="DISCORD_ALLOWED_ROLES", description="ids or names of roles")
    admin_role: str = Field("Clara-Admin", alias="CLARA_ADMIN_ROLE", description="id or name")
    extra_stop_phrases: CommaList = Field((), alias="DISCORD_STOP_PHRASES", description="besides the built-in ones")
    max_messages: int = Field(25, alias="DISCORD_MAX_MESSAGES", ge=0, le=100)
    max_image_dimension: int = Field(1568, alias="DISCORD_MAX_IMAGE_DIMENSION", ge=64, le=8000)
    max_images: int = Field(1, alias="DISCORD_MAX_IMAGES_PER_REQUEST", ge=0, le=10)
    max_image_size: int = Field(4 * KIB * KIB, alias="DISCORD_MAX_IMAGE_SIZE", ge=KIB, le=20 * KIB * KIB)
    max_text_file_size: int = Field(100 * KIB, alias="DISCORD_MAX_TEXT_FILE_SIZE", ge=KIB, le=5 * KIB * KIB)
    max_document_size: int = Field(5 * KIB * KIB, alias="DISCORD_MAX_DOCUMENT_SIZE", ge=KIB, le=25 * KIB * KIB)

    @model_validator(mode="after")
    def _ids(self) -> Self:
        for name, values in (
            ("DISCORD_ALLOWED_SERVERS", self.allowed_servers),
            ("DISCORD_ALLOWED_CHANNELS", self.allowed_channels),
        ):
            if not all(value.isascii() and value.isdigit() for value in values):
                raise ValueError(f"{name}: must be a list of Discord ids, like 1122334455667788990")
        return self

    @property
    def enabled(self) -> bool:
        return self.token is not None

    @property
    def stop_phrases(self) -> tuple[str, ...]:
        return (*DEFAULT_STOP_PHRASES, *self.extra_stop_phrases)

    @property
    def on_loopback(self) -> bool:
        """Whether the other side is a server on this machine, which needs no patience."""
        return is_loopback(self.api_base)
