"""What acts in a person's name needs of their account: its token, for the moment of one request."""

from dataclasses import dataclass, field
from typing import Protocol

from clara.accounts import NAMES, Service


@dataclass(frozen=True)
class Access:
    """Whose account it is, and its token."""

    login: str
    base_url: str
    token: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    of_installation: bool = False


class Accounts(Protocol):
    """The accounts of all people."""

    async def has(self, user_id: str, service: Service) -> bool:
        """Whether there is one, of the person or of the installation for them; it may be out of order."""
        ...

    async def access(self, user_id: str, service: Service) -> Access:
        """Their own, else that of the installation. ToolFailed says how to connect one."""
        ...

    async def refused(self, user_id: str, service: Service) -> None:
        """The service does not take the person's token any more: it is not used again until it was connected anew."""
        ...


def missing(service: Service) -> str:
    """A sentence for the model."""
    return (
        f"No account with {NAMES[service]} is connected. The person can connect one: "
        f"/connect {service} in the terminal, /clara connect {service} on Discord."
    )


def connect_first(service: Service) -> str:
    """Why a tool is not offered."""
    return f"an account with {NAMES[service]} has to be connected first: the person does /clara connect {service}"
