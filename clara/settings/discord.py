"""Discord: the bot's token, where and whom it hears, and how large a file may be."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from clara.phrases import DEFAULT_STOP_PHRASES
from clara.settings.fields import CommaList, HttpUrl, Secret, is_loopback
from clara.settings.subject import ReadBy, Subject

KIB = 1024


def _base(value: str) -> str:
    """The address without ``/api`` and the version, which the adapter adds itself."""
    base = re.sub(r"/api(/v\d+)?$", "", value)
    parts = urlsplit(base)
    if not is_loopback(base) and (parts.scheme, parts.netloc) != ("https", "discord.com"):
        raise ValueError("must be https://discord.com, or a server on this machine for tests")
    return base


class DiscordSettings(Subject):
    """How to create the bot, and what each of these does in a channel: [discord.md](discord.md)."""

    heading = "Discord"
    readers = ("discord",)

    token: Secret | None = Field(
        None, alias="DISCORD_BOT_TOKEN", description="The bot's token. Setting it switches Discord on."
    )
    allowed_servers: CommaList = Field(
        (),
        alias="DISCORD_ALLOWED_SERVERS",
        description="Ids of the servers in which she answers, separated by commas. Empty means all.",
    )
    allowed_channels: CommaList = Field(
        (),
        alias="DISCORD_ALLOWED_CHANNELS",
        description="Ids of the channels in which she answers, with their threads, separated by commas. "
        "Empty means all.",
    )
    allowed_roles: CommaList = Field(
        (),
        alias="DISCORD_ALLOWED_ROLES",
        description="Ids or names of the roles whose members she answers, separated by commas. Empty means everybody.",
    )
    admin_role: str = Field(
        "Clara-Admin",
        alias="CLARA_ADMIN_ROLE",
        description="Id or name of the role that may use the commands for administrators.",
    )
    extra_stop_phrases: CommaList = Field(
        (),
        alias="DISCORD_STOP_PHRASES",
        description="Phrases that stop her, separated by commas, besides stop, nevermind, cancel and the like.",
    )
    max_messages: int = Field(
        25,
        alias="DISCORD_MAX_MESSAGES",
        ge=0,
        le=100,
        description="How many earlier messages of a channel she is shown with a new one.",
    )
    max_images: int = Field(
        1,
        alias="DISCORD_MAX_IMAGES_PER_REQUEST",
        ge=0,
        le=10,
        description="How many images of one message she looks at.",
    )
    max_image_dimension: Annotated[int, ReadBy("worker")] = Field(
        1568,
        alias="DISCORD_MAX_IMAGE_DIMENSION",
        ge=64,
        le=8000,
        description="Images from Discord are scaled down until their longer side has this many pixels.",
    )
    max_image_size: int = Field(
        4 * KIB * KIB,
        alias="DISCORD_MAX_IMAGE_SIZE",
        ge=KIB,
        le=20 * KIB * KIB,
        description="The size of an image, in bytes. One of up to four times this size is taken, because it is "
        "scaled down.",
    )
    max_text_file_size: int = Field(
        100 * KIB,
        alias="DISCORD_MAX_TEXT_FILE_SIZE",
        ge=KIB,
        le=5 * KIB * KIB,
        description="The size of the largest text file that is read, in bytes.",
    )
    max_document_size: int = Field(
        5 * KIB * KIB,
        alias="DISCORD_MAX_DOCUMENT_SIZE",
        ge=KIB,
        le=25 * KIB * KIB,
        description="The size of the largest document (PDF, Word) that is read, in bytes.",
    )
    api_base: Annotated[HttpUrl, AfterValidator(_base)] = Field(
        "https://discord.com",
        alias="DISCORD_API_BASE",
        description="The address of Discord's API. Another one is only taken on this machine, for tests.",
    )

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
