"""Kinds of values that environment variables carry."""

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr


class Subject(BaseModel):
    """Settings of one subject: immutable, and blind to everybody else's variables."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)


def _split(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address like https://host/path")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("expected a time zone like Europe/Berlin") from error
    return value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Zone = Annotated[str, AfterValidator(_zone)]
Secret = SecretStr


def is_loopback(url: str) -> bool:
    """Whether ``url`` points at this machine, so that an override of it weakens nothing."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
