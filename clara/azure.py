"""Where the organizations of Azure DevOps are."""

import re
from urllib.parse import urlsplit

ADDRESS = "https://dev.azure.com"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?")
_OLD_HOST = re.compile(rf"({_NAME.pattern})\.visualstudio\.com")


def organization(wished: str) -> str | None:
    """The address of one that is given by its name, or by the address of anything in it.

    None for what is not at Azure DevOps' own addresses, and so has to be set by the operator.
    """
    if _NAME.fullmatch(wished):
        return f"{ADDRESS}/{wished}"
    try:
        parts = urlsplit(wished)
        plain = parts.scheme == "https" and parts.port is None and "@" not in parts.netloc
    except ValueError:
        return None
    host, name = parts.hostname or "", parts.path.strip("/").partition("/")[0]
    if plain and f"https://{host}" == ADDRESS and _NAME.fullmatch(name):
        return f"{ADDRESS}/{name}"
    return f"https://{host}" if plain and _OLD_HOST.fullmatch(host) else None
