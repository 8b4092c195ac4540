"""Work items, and the language in which they are queried, read as strictly as it is written."""

import re
from collections.abc import Callable
from typing import Any

from tests.loopback.azure.answers import Request, as_json, listed, missing, problem
from tests.loopback.azure.world import Json
from tests.loopback.http import Respond

ITEMS = "/{organization}/{project}/_apis/wit/workitems"
COMMENTS = "/{organization}/{project}/_apis/wit/workItems/{workItemId}/comments"

QUERY = re.compile(r"SELECT \[System\.Id\] FROM WorkItems WHERE (?P<where>.+) ORDER BY \[(?P<by>[\w.]+)\] DESC")
VALUE = r"'(?:[^']|'')*'"
CONDITION = re.compile(
    rf"\[(?P<field>[\w.]+)\] (?:(?P<test>=|>=|UNDER|CONTAINS) (?P<value>{VALUE}|@me|@project)"
    rf"|(?P<among>IN|NOT IN) \((?P<values>{VALUE}(?:, {VALUE})*)\))"
)


def _query(request: Request) -> Respond:
    text = request.body["query"]
    found = QUERY.fullmatch(text)
    conditions = _conditions(found["where"]) if found else None
    if found is None or conditions is None:
        return problem("400 Bad Request", "TF51005: The query is malformed.")
    exact = request.query.get("timePrecision") == "true"
    if not exact and any(":" in value for field, _, values in conditions if "Date" in field for value in values):
        return problem("400 Bad Request", "You cannot supply a time with the date.")
    fitting = [each for each in request.world.items.values() if all(_fits(request, each, *one) for one in conditions)]
    fitting.sort(key=lambda each: str(each["fields"].get(found["by"], "")), reverse=True)
    shown = fitting[: int(request.query.get("$top", 20_000))]
    return as_json({"queryType": "flat", "workItems": [{"id": each["id"], "url": ""} for each in shown]})


def _conditions(where: str) -> list[tuple[str, str, list[str]]] | None:
    """None for what is no chain of conditions, to the last character."""
    found, at = [], 0
    while True:
        condition = CONDITION.match(where, at)
        if condition is None:
            return None
        values = [condition["value"]] if condition["value"] else re.findall(VALUE, condition["values"])
        found.append((condition["field"], condition["test"] or condition["among"], values))
        at = condition.end()
        if at == len(where):
            return found
        if not where.startswith(" AND ", at):
            return None
        at += len(" AND ")


def _fits(request: Request, item: Json, field: str, test: str, values: list[str]) -> bool:
    there = item["fields"].get(field)
    if isinstance(there, dict):
        there = there["id"] if values == ["@me"] else there["displayName"]
    there = str(there or "")
    wanted = [_meant(request, each) for each in values]
    match test:
        case "=":
            return there.lower() == wanted[0].lower()
        case ">=":
            return there >= wanted[0]
        case "UNDER":
            return f"{there}\\".startswith(f"{wanted[0]}\\")
        case "CONTAINS":
            return wanted[0].lower() in there.lower()
        case _:
            return (there in wanted) == (test == "IN")


def _meant(request: Request, value: str) -> str:
    if value == "@me":
        return f"id-of-{request.person}"
    return request.inside["project"] if value == "@project" else value[1:-1].replace("''", "'")


def _get(request: Request) -> Respond:
    item = request.world.items.get(int(request.inside["id"]))
    if item is None:
        return missing("Work item")
    return as_json(item)


def _batch(request: Request) -> Respond:
    asked = request.body
    if len(asked["ids"]) > 200:
        return problem("400 Bad Request", "VS403474: You requested more work items than the limit of 200.")
    found: list[Json | None] = []
    for number in asked["ids"]:
        item = request.world.items.get(number)
        fields = {name: to for name, to in item["fields"].items() if name in asked["fields"]} if item else {}
        found.append({"id": number, "rev": 1, "fields": fields} if item else None)
    return listed(found)


def _create(request: Request) -> Respond:
    if wrong := _wrong(request):
        return wrong
    fields, relations = _patched(request, {})
    if not fields.get("System.Title"):
        return problem("400 Bad Request", "TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.")
    made = request.world.add_item(request.inside["project"], request.inside["type"], request.person, fields, relations)
    return as_json(made)


def _update(request: Request) -> Respond:
    item = request.world.items.get(int(request.inside["id"]))
    if item is None:
        return missing("Work item")
    if wrong := _wrong(request):
        return wrong
    fields, _ = _patched(request, item["fields"])
    if fields != item["fields"]:
        item["fields"] = fields | {"System.ChangedDate": request.world.time()}
        item["rev"] += 1
    return as_json(item)


def _wrong(request: Request) -> Respond | None:
    if request.headers["content-type"] != "application/json-patch+json":
        return problem("415 Unsupported Media Type", "The request indicated a Content-Type that is not supported.")
    return None


def _patched(request: Request, fields: Json) -> tuple[Json, list[Json]]:
    fields, relations = dict(fields), []
    for each in request.body:
        if each["path"] == "/relations/-":
            relations.append(each["value"])
            continue
        value = _kept(request, each["value"])
        name = each["path"].removeprefix("/fields/")
        fields[name] = {"displayName": value, "id": value} if name == "System.AssignedTo" and value else value
    return fields, relations


def _kept(request: Request, value: Any) -> Any:
    if isinstance(value, str) and not request.world.keeps_comments_in_html:
        return re.sub(r"<!--.*?-->", "", value, flags=re.DOTALL)
    return value


def _comments(request: Request) -> Respond:
    number = int(request.inside["workItemId"])
    if number not in request.world.items:
        return missing("Work item")
    there = request.world.comments.get(number, [])
    found = list(reversed(there)) if request.query.get("order") == "desc" else there
    shown = found[: int(request.query.get("$top", 200))]
    return as_json({"totalCount": len(there), "count": len(shown), "comments": shown})


def _comment(request: Request) -> Respond:
    number = int(request.inside["workItemId"])
    if number not in request.world.items:
        return missing("Work item")
    return as_json(request.world.add_comment(number, request.person, _kept(request, request.body["text"])))


def _search(request: Request) -> Respond:
    wanted = request.body["searchText"].lower()
    here = request.inside.get("project")
    fitting = [
        each["fields"] | {"System.Id": each["id"]}
        for each in request.world.items.values()
        if wanted in str(each["fields"].get("System.Title", "")).lower()
        and here in (None, each["fields"]["System.TeamProject"])
    ]
    begin = request.body["$skip"]
    results = [
        {
            "project": {"name": fields["System.TeamProject"]},
            "fields": {
                "system.id": str(fields["System.Id"]),
                "system.title": fields["System.Title"],
                "system.state": fields["System.State"],
                "system.workitemtype": fields["System.WorkItemType"],
                "system.assignedto": "",
            },
            "hits": [],
        }
        for fields in fitting[begin : begin + request.body["$top"]]
    ]
    return as_json({"count": len(fitting), "results": results, "infoCode": 0})


HANDLERS: dict[str, Callable[[Request], Respond]] = {
    "POST /{organization}/{project}/{team}/_apis/wit/wiql": _query,
    f"GET {ITEMS}/{{id}}": _get,
    f"PATCH {ITEMS}/{{id}}": _update,
    f"POST {ITEMS}/${{type}}": _create,
    "POST /{organization}/{project}/_apis/wit/workitemsbatch": _batch,
    f"GET {COMMENTS}": _comments,
    f"POST {COMMENTS}": _comment,
    "POST /{organization}/{project}/_apis/search/workitemsearchresults": _search,
}
