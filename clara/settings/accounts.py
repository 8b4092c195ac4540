"""Accounts: the key that their secrets are encrypted with."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from clara.settings.fields import CommaList, Secret
from clara.settings.subject import Subject
from clara.sources.keyfile import is_key


def _keys(value: SecretStr) -> SecretStr:
    if not all(map(is_key, value.get_secret_value().split(","))):
        raise ValueError("must be a key as `clara secrets new` makes them, or several, separated by commas")
    return value


class AccountSettings(Subject):
    """Tokens, passwords and keys that people give her for plugins and accounts are encrypted in the database.

    `clara secrets rotate` changes the key: [operations.md](operations.md#secrets).
    """

    heading = "Accounts"
    readers = ("worker", "plugins", "cli", "discord")

    secret_key: Annotated[Secret, AfterValidator(_keys)] | None = Field(
        None,
        alias="CLARA_SECRET_KEY",
        description="The key that secrets are encrypted with in the database; `clara secrets new` makes one. "
        "Former keys may follow it, separated by commas. Without it there is a key in `secret_key` below CLARA_HOME, "
        "made at the first start. With compose it must be set before a secret can be kept. "
        "Keep a copy of it apart from the database.",
    )

    shared_with: CommaList = Field(
        (),
        alias="INTEGRATIONS_SHARED_WITH",
        description="Who may use the accounts that the operator sets here, such as GITHUB_TOKEN, if they have none of "
        "their own: ids like cli:me or discord:1234, or * for everybody. Without it, the user of the terminal.",
    )
