"""Google: how Clara is known there, so that people can connect accounts."""

from typing import Self

from pydantic import Field, model_validator

from clara.settings.fields import HttpUrl, Secret, is_loopback
from clara.settings.subject import Subject


class GoogleSettings(Subject):
    """People connect an account of their own in a chat, with `/connect google`.

    For that, who runs Clara makes a client for her at Google: [integrations.md](integrations.md#google).
    """

    heading = "Google"
    readers = ("worker",)

    client_id: str | None = Field(
        None,
        alias="GOOGLE_CLIENT_ID",
        pattern=r"^[!-~]*$",
        description="The id of the OAuth client that you have made for Clara at Google. It ends with "
        "`.apps.googleusercontent.com`.",
    )
    client_secret: Secret | None = Field(None, alias="GOOGLE_CLIENT_SECRET", description="The secret of that client.")
    base_url: HttpUrl | None = Field(
        None,
        alias="GOOGLE_BASE_URL",
        description="Where Google is, if not at its own addresses: an address of this machine, for tests.",
    )

    @model_validator(mode="after")
    def _google_is_google(self) -> Self:
        if self.base_url and not is_loopback(self.base_url):
            raise ValueError("GOOGLE_BASE_URL: must be an address of this machine")
        if self.client_id and self.client_secret is None:
            raise ValueError("GOOGLE_CLIENT_SECRET: must be set where GOOGLE_CLIENT_ID is")
        return self
