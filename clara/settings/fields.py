"""Kinds of values that environment variables carry."""

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr


def _split(value: object) -> object:
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like https://host/path")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a time zone like Europe/Berlin") from error
    return value


_QUOTES = "'\"`\u2018\u2019\u201c\u201d"


def _bare(value: SecretStr) -> SecretStr:
    """A secret as it was pasted: what came along with it would be sent as a part of it."""
    text = value.get_secret_value()
    if text and (text[0] in _QUOTES or text[-1] in _QUOTES):
        raise ValueError("must be the value itself, without quotes around it")
    if any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("must be one word, without spaces or line breaks in it")
    return value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Zone = Annotated[str, AfterValidator(_zone)]
Secret = Annotated[SecretStr, AfterValidator(_bare)]


def is_loopback(url: str) -> bool:
    """Whether ``url`` points at this machine, so that an override of it weakens nothing."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
