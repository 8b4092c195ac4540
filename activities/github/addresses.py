"""Where GitHub is: its REST interface, its GraphQL and its pages, of which an account knows the first."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

REST = "https://api.github.com"


def graphql(rest: str) -> str:
    """``/graphql`` beside REST; ``/api/graphql`` where REST is ``/api/v3``, as on an Enterprise of one's own."""
    parts = _split(rest)
    return urlunsplit(parts._replace(path=f"{parts.path.removesuffix('/v3')}/graphql"))


def pages(rest: str) -> str:
    """Where people look at it."""
    parts = _split(rest)
    return urlunsplit(parts._replace(netloc=parts.netloc.removeprefix("api."), path=parts.path.removesuffix("/api/v3")))


def _split(rest: str) -> SplitResult:
    return urlsplit((rest or REST).rstrip("/"))
