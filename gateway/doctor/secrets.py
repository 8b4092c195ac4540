"""Nothing that doctor prints holds a secret, whatever a server or a library put into its error."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from gateway.doctor.finding import Finding

_SECRET = re.compile(r"KEY|TOKEN(?!S)|SECRET|PASSWORD|_PWD", re.IGNORECASE)
_SHORTEST = 6
"""Shorter values would be found in the middle of ordinary words."""
MASK = "[secret]"


def secrets_of(variables: Mapping[str, str]) -> frozenset[str]:
    """Values of variables that are named like secrets, and passwords within addresses."""
    found: set[str] = set()
    for name, value in variables.items():
        if _SECRET.search(name):
            found.add(value.strip())
        if "://" in value:
            found.add(_password(value))
    return frozenset(secret for secret in found if len(secret) >= _SHORTEST)


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def masked(finding: Finding, secrets: Iterable[str]) -> Finding:
    """``finding`` with each secret replaced."""
    what, fix, mended = finding.what, finding.fix, finding.mended
    for secret in sorted(secrets, key=len, reverse=True):
        what, fix, mended = (text.replace(secret, MASK) for text in (what, fix, mended))
    return replace(finding, what=what, fix=fix, mended=mended)
