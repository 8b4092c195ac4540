"""Plugins: where they lie, what they may use, and the registry that they are looked for in."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from clara.settings.fields import CommaList, HttpUrl, Secret, is_loopback
from clara.settings.sandbox import Size
from clara.settings.subject import ReadBy, Subject


class PluginSettings(Subject):
    """MCP servers that people install: [plugins.md](plugins.md)."""

    heading = "Plugins"
    readers = ("worker", "plugins")

    folder: Annotated[Path | None, ReadBy()] = Field(
        None, alias="MCP_SERVERS_DIR", description="Where plugins are installed, if not in `plugins` of CLARA_HOME."
    )
    memory: Size = Field(
        "512m", alias="MCP_MEMORY", description="Memory of one server that runs here, with all of its processes."
    )
    idle_seconds: int = Field(
        600,
        alias="MCP_IDLE_SECONDS",
        ge=5,
        le=86_400,
        description="A server that nobody has used for so long is ended.",
    )
    trusted_urls: CommaList = Field(
        (),
        alias="MCP_TRUSTED_URLS",
        description="Servers of your own network, such as http://192.168.1.5:8123, that plugins at an address may be "
        "at, separated by commas. All others must be at public addresses.",
    )
    smithery_token: Secret | None = Field(
        None, alias="SMITHERY_API_TOKEN", description="The key of the Smithery registry, for `smithery:` and searching."
    )
    smithery_url: HttpUrl | None = Field(
        None, alias="SMITHERY_REGISTRY_URL", description="The address of that registry, if not its own."
    )
    smithery_servers_url: HttpUrl | None = Field(
        None, alias="SMITHERY_SERVER_URL", description="Where its hosted servers are, if not at its own address."
    )

    @model_validator(mode="after")
    def _keys_are_not_sent_in_the_clear(self) -> "PluginSettings":
        # Without TLS anybody on the way could read the key, or change what is installed.
        for name, url in (
            ("SMITHERY_REGISTRY_URL", self.smithery_url),
            ("SMITHERY_SERVER_URL", self.smithery_servers_url),
        ):
            if url and not url.startswith("https://") and not is_loopback(url):
                raise ValueError(f"{name}: must begin with https://, or be an address of this machine")
        return self
