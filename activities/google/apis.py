"""Google's services as their published descriptions have them: what a request to one is made of.

google-api-python-client knows how each request is written, and checks it against the description; it carries those of
all services, so nothing is fetched. It is not let near the network: its transport blocks a thread, keeps no total
deadline and reads answers of any size. What it makes is sent by ``activities.google.client``.

So what is made here belongs to nobody, and serves everybody: a person's token comes to a request when it is sent.
"""

import asyncio
import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Literal

from clara.errors import ToolFailed
from clara.extras import adding

Api = Literal["calendar", "sheets", "drive", "docs"]

VERSIONS: dict[Api, str] = {"calendar": "v3", "sheets": "v4", "drive": "v3", "docs": "v1"}

Make = Callable[[Any], Any]
"""Makes a request, which is a ``googleapiclient.http.HttpRequest``: ``lambda calendar: calendar.events().list(…)``."""

MISSING = f"what Google's services are asked by is not installed; who runs me can {adding('google')}"


def is_installed() -> bool:
    return find_spec("googleapiclient") is not None


class Apis:
    """``base_url`` is where Google is; empty for its own addresses."""

    def __init__(self, base_url: str = "") -> None:
        self._base_url = base_url
        self._built: dict[Api, Any] = {}

    async def get(self, api: Api) -> Any:
        """What ``Make`` is called with. Built once, at its first use."""
        if api not in self._built:
            self._built[api] = await asyncio.to_thread(_build, api, self._base_url)
        return self._built[api]


def _build(api: Api, base_url: str) -> Any:
    try:
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc
    except ImportError:
        raise ToolFailed(f"This does not work yet: {MISSING}.") from None
    described = json.loads(get_static_doc(api, VERSIONS[api]))
    if base_url:
        # In the description and not as an option of the client: that one would leave uploads at Google's own address.
        described["rootUrl"] = f"{base_url}/"
        described["baseUrl"] = f"{base_url}/{described['servicePath']}"
    described.pop("mtlsRootUrl", None)
    # Of what requests and answers hold the library makes docstrings alone, anew for each request: 90 ms of Docs'.
    described["schemas"] = {name: {"id": name, "type": "object"} for name in described["schemas"]}
    return build_from_document(described, http=_Nowhere())


class _Nowhere:
    """The transport that the library is given."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("requests are sent by activities.google.client")
