"""A request as a handler gets it, and the forms of answers."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.loopback.azure.world import Project, Repository, World
from tests.loopback.http import Respond, answer


@dataclass(frozen=True)
class Request:
    world: World
    person: str
    inside: Mapping[str, str]
    """Parts of the path, by their published names."""
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]

    @property
    def project(self) -> Project:
        return self.world.projects[self.inside["project"]]

    @property
    def repository(self) -> Repository | None:
        return self.project.repositories.get(self.inside["repositoryId"])


@dataclass(frozen=True)
class Answered:
    """JSON on its way, which can still be looked at."""

    data: Any
    respond: Respond

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        await self.respond(writer)


def as_json(data: Any, status: str = "200 OK", **headers: str) -> Respond:
    media_type = "application/json; charset=utf-8; api-version=7.1"
    made = answer(json.dumps(data).encode(), status, close=False, content_type=media_type, **headers)
    return Answered(data, made) if status.startswith("2") else made


def problem(status: str, message: str, **headers: str) -> Respond:
    data = {"$id": "1", "innerException": None, "message": message, "typeKey": "Exception", "errorCode": 0}
    return as_json(data, status, **headers)


def listed(found: list[Any], **headers: str) -> Respond:
    return as_json({"count": len(found), "value": found}, **headers)


def skipped(request: Request, found: list[Any], prefix: str = "") -> Respond:
    """A page by $top and $skip."""
    begin = int(request.query.get(f"{prefix}$skip", 0))
    return listed(found[begin : begin + int(request.query.get(f"{prefix}$top", 100))])


def continued(found: list[Any], token: str | None, top: Any, size: int = 100) -> Respond:
    """A page by a token, which comes in a header."""
    begin = int(token or 0)
    end = begin + int(top or size)
    headers = {"x_ms_continuationtoken": str(end)} if end < len(found) else {}
    return listed(found[begin:end], **headers)


def missing(what: str) -> Respond:
    return problem("404 Not Found", f"TF401019: {what} does not exist or you do not have permissions.")
