"""The web: who searches it."""

from typing import Self

from pydantic import Field, model_validator

from clara.settings.fields import HttpUrl, Secret, is_loopback
from clara.settings.subject import Subject


class WebSettings(Subject):
    """Reading pages needs no setting; searching needs a key: [tools.md](tools.md#the-web)."""

    heading = "The web"
    readers = ("worker",)

    tavily_key: Secret | None = Field(
        None,
        alias="TAVILY_API_KEY",
        description="The key of Tavily, which searches the web. Without one she can read pages and not search.",
    )
    tavily_url: HttpUrl | None = Field(
        None,
        alias="TAVILY_BASE_URL",
        description="The address of Tavily's API, if not its own: https, or one of this machine.",
    )

    @model_validator(mode="after")
    def _key_is_sent_safely(self) -> Self:
        url = self.tavily_url
        if url and not url.startswith("https://") and not is_loopback(url):
            raise ValueError("TAVILY_BASE_URL: must begin with https://, because the key is sent there")
        return self
