"""The web service: where it listens, and how browsers reach it."""

from typing import Annotated

from pydantic import Field

from clara.settings.fields import HttpUrl
from clara.settings.subject import ReadBy, Subject


class ServiceSettings(Subject):
    """A small web service of hers: the page on which logins of plugins end, `/health` and `/ready`.

    It listens on this machine alone. To reach it from elsewhere, put a server in front of it that speaks https, and set
    `CLARA_API_URL`: [operations.md](operations.md#the-web-service).
    """

    heading = "Web service"
    readers = ("web",)

    port: Annotated[int | None, ReadBy()] = Field(
        None,
        alias="WEB_PORT",
        ge=0,
        le=65_535,
        description="Its port; 0 switches it off. If it is not set, a free one is chosen at the first start and kept. "
        "With compose it is the one of the machine, 8480 if not set.",
    )
    host: Annotated[str, ReadBy()] = Field(
        "127.0.0.1", alias="WEB_HOST", pattern=r"^[0-9A-Fa-f.:]+$", description="The address that it listens on."
    )
    public_url: Annotated[HttpUrl | None, ReadBy("web", "worker", "plugins")] = Field(
        None,
        alias="CLARA_API_URL",
        description="The address at which browsers reach it, for example https://clara.example.com. "
        "If it is not set, they reach it on this machine alone.",
    )
