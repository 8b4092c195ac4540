"""Tavily's search, as its client knows it, answering as the query asks for."""

import json
from typing import Any

from tests.loopback.http import Respond, Server, answer

KEY = "tvly-canary-4711"
SECRET_ERROR = f"the key {KEY} of kim@example.org"

RESULTS = [
    {
        "title": "Tides of the North Sea",
        "url": "https://tides.example/north-sea",
        "content": "High water comes every 12 hours and 25 minutes.",
        "score": 0.91,
        "published_date": "2026-10-02",
    },
    {"title": "", "url": "https://moon.example/", "content": "The moon pulls.", "score": 0.5},
]


def found(results: Any) -> Respond:
    return answer(json.dumps({"results": results}).encode(), content_type="application/json")


def refused(status: str, **headers: str) -> Respond:
    body = json.dumps({"detail": {"error": SECRET_ERROR}}).encode()
    return answer(body, status, content_type="application/json", **headers)


def tavily() -> Server:
    return Server({"/search": found(RESULTS)})
