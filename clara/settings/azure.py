"""Azure DevOps: the organization of the installation, and its own account."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from clara.azure import ADDRESS, organization
from clara.settings.fields import Secret, is_loopback
from clara.settings.subject import Subject

_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def _address(value: str) -> str:
    """Of an organization at Azure DevOps' own addresses, else as it is: a collection of a server."""
    if (found := organization(value)) is not None:
        return found
    if not _URL.fullmatch(value):
        raise ValueError(f"must be the name of an organization, or an address like {ADDRESS}/NAME")
    return value.rstrip("/")


class AzureDevOpsSettings(Subject):
    """People connect an account of their own in a chat, with `/connect azure-devops NAME`, where NAME is that of their
    organization: [integrations.md](integrations.md#azure-devops)."""

    heading = "Azure DevOps"
    readers = ("worker",)

    organization: Annotated[str, AfterValidator(_address)] | None = Field(
        None,
        alias="AZURE_DEVOPS_ORG",
        description="The organization of the installation's account, by its name or its address. Azure DevOps Server "
        "works by the address of a collection. People may connect there too, wherever it is.",
    )
    token: Secret | None = Field(
        None,
        alias="AZURE_DEVOPS_PAT",
        description="A personal access token of an account that is the installation's, for those whom "
        "INTEGRATIONS_SHARED_WITH names. It needs AZURE_DEVOPS_ORG.",
    )
    project: str | None = Field(
        None,
        alias="AZURE_DEVOPS_PROJECT",
        max_length=128,
        description="The project of that organization that is meant where none is named.",
    )

    @model_validator(mode="after")
    def _a_token_is_for_one_organization(self) -> Self:
        if self.organization is None:
            if self.token or self.project:
                raise ValueError("AZURE_DEVOPS_ORG: must be set where AZURE_DEVOPS_PAT or AZURE_DEVOPS_PROJECT is")
        elif not self.organization.startswith("https://") and not is_loopback(self.organization):
            raise ValueError("AZURE_DEVOPS_ORG: must begin with https://, or be an address of this machine")
        return self
