"""GitHub: where it is, and the installation's own account."""

from typing import Self

from pydantic import Field, model_validator

from clara.settings.fields import HttpUrl, Secret, is_loopback
from clara.settings.subject import Subject


class GithubSettings(Subject):
    """People connect an account of their own in a chat, with `/connect github`: [integrations.md](integrations.md)."""

    heading = "GitHub"
    readers = ("worker", "plugins")

    base_url: HttpUrl | None = Field(
        None,
        alias="GITHUB_BASE_URL",
        description="The address of GitHub's API, if not its own, such as that of a GitHub Enterprise. Repositories "
        "of plugins come from there as well.",
    )
    token: Secret | None = Field(
        None,
        alias="GITHUB_TOKEN",
        description="A token of an account that is the installation's, for those whom INTEGRATIONS_SHARED_WITH names.",
    )

    @model_validator(mode="after")
    def _tokens_are_not_sent_in_the_clear(self) -> Self:
        if self.base_url and not self.base_url.startswith("https://") and not is_loopback(self.base_url):
            raise ValueError("GITHUB_BASE_URL: must begin with https://, or be an address of this machine")
        return self
