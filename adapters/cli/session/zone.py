"""The time zone of the person at this terminal, as far as the machine knows it."""

from pathlib import Path
from zoneinfo import ZoneInfo

_DATABASE = "zoneinfo/"
_SAYS_NOTHING = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Universal", "GMT", "Etc/GMT"})


def local_zone(variable: str | None, link: Path = Path("/etc/localtime")) -> str | None:
    """The IANA name that TZ (``variable``) gives, else the one that ``link`` points to; None if unknown.

    A machine that is kept at UTC says nothing about where its person lives, unless TZ says so.
    """
    if variable:
        return _zone_name(variable.removeprefix(":"))
    try:
        target = str(link.resolve(strict=True))
    except OSError:
        return None
    name = _zone_name(target) if _DATABASE in target else None
    return None if name in _SAYS_NOTHING else name


def _zone_name(path: str) -> str | None:
    name = path.rpartition(_DATABASE)[2].removeprefix("posix/").removeprefix("right/")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
    return name
