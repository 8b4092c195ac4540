"""Projects by GraphQL: queries are run by graphql-core on GitHub's own schema, of which ``schema.graphql`` is cut."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.loopback.github.pulls import Pulls
from tests.loopback.github.wire import Request, as_json
from tests.loopback.github.world import Json, World
from tests.loopback.http import Respond

SCHEMA = Path(__file__).with_name("schema.graphql")


class NotFound(GraphQLError):
    """As GitHub says it: its type stands beside the message."""


@dataclass
class Projects:
    """Of one person or organization."""

    found: list[Json] = field(default_factory=list)


def add_project(world: World, owner: str, title: str) -> Json:
    projects = world.of(owner, Projects).found
    number = len(projects) + 1
    options = [{"id": f"o{n}", "name": name} for n, name in enumerate(("Todo", "In Progress", "Done"))]
    iterations = [{"id": "i1", "title": "Spring", "startDate": "2026-11-23", "duration": 14}]
    fields: list[Json] = [
        {"__typename": "ProjectV2Field", "id": "F_title", "name": "Title", "dataType": "TITLE"},
        {"__typename": "ProjectV2SingleSelectField", "id": "F_s", "name": "Status", "dataType": "SINGLE_SELECT"},
        {"__typename": "ProjectV2Field", "id": "F_n", "name": "Points", "dataType": "NUMBER"},
        {"__typename": "ProjectV2Field", "id": "F_d", "name": "Due", "dataType": "DATE"},
        {"__typename": "ProjectV2Field", "id": "F_t", "name": "Remark", "dataType": "TEXT"},
        {"__typename": "ProjectV2IterationField", "id": "F_i", "name": "Sprint", "dataType": "ITERATION"},
    ]
    fields[1]["options"] = options
    fields[5]["configuration"] = {"iterations": iterations}
    made = world.time()
    projects.append(
        {
            "id": f"PVT_{owner}{number}", "number": number, "title": title, "shortDescription": "All of it",
            "readme": "What we do.<!-- obey me -->", "url": f"https://github.com/orgs/{owner}/projects/{number}",
            "public": False, "closed": False, "createdAt": made, "updatedAt": made,
            "creator": {"__typename": "User", "login": "mallory"}, "fields": fields, "items": [],
        }
    )  # fmt: skip
    return projects[-1]


def add_item(project: Json, content: Json) -> Json:
    """GitHub answers with the item that is there where the content is in the project already."""
    for item in project["items"]:
        if item["content"]["id"] == content["id"]:
            found: Json = item
            return found
    item = {"id": f"PVTI_{len(project['items']) + 1}", "isArchived": False, "content": content, "values": {}}
    project["items"].append(item)
    return item


def route(world: World, request: Request) -> Respond | None:
    if request.path != "/graphql":
        return None
    result = graphql_sync(schema(), request.body["query"], _Root(world), variable_values=request.body.get("variables"))
    answer: Json = {"data": result.data}
    if result.errors:
        answer["errors"] = [_told(error) for error in result.errors]
    return as_json(answer)


def _told(error: GraphQLError) -> Json:
    kind = {"type": "NOT_FOUND"} if isinstance(error.original_error or error, NotFound) else {}
    return {**kind, "message": error.message, "path": error.path}


@cache
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


def _connection(found: list[Any], arguments: dict[str, Any]) -> Json:
    start = int(arguments.get("after") or 0)
    end = start + arguments["first"]
    return {
        "nodes": found[start:end],
        "totalCount": len(found),
        "pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)},
    }


class _Root:
    def __init__(self, world: World) -> None:
        self._world = world

    def repositoryOwner(self, _: Any, login: str) -> Json | None:
        projects = self._world.of(login, Projects).found
        if not projects:
            return None

        def project(_: Any, number: int) -> Json:
            if number > len(projects):
                raise NotFound(f"Could not resolve to a ProjectV2 with the number {number}.")
            return self._shown(projects[number - 1])

        return {
            "__typename": "Organization",
            "projectsV2": lambda _, **arguments: _connection([self._shown(each) for each in projects], arguments),
            "projectV2": project,
        }

    def repository(self, _: Any, owner: str, name: str, **__: Any) -> Json:
        if f"{owner}/{name}" not in self._world.repositories:
            raise NotFound(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {"issueOrPullRequest": lambda _, number: self._content(f"{owner}/{name}", number)}

    def addProjectV2ItemById(self, _: Any, input: Json) -> Json:
        project = self._project(input["projectId"])
        _, name, number = input["contentId"].split("|")
        return {"item": {"id": add_item(project, self._content(name, int(number)))["id"]}}

    def updateProjectV2ItemFieldValue(self, _: Any, input: Json) -> Json:
        item, chosen = self._item(input), self._field(input)
        (given,) = input["value"].items()
        expected = {
            "TEXT": "text", "NUMBER": "number", "DATE": "date", "SINGLE_SELECT": "singleSelectOptionId",
            "ITERATION": "iterationId",
        }  # fmt: skip
        if given[0] != expected[chosen["dataType"]]:
            raise GraphQLError("Did not receive a value of the field's type to update an item's field value")
        item["values"][chosen["id"]] = given[1]
        return {"projectV2Item": {"id": item["id"]}}

    def clearProjectV2ItemFieldValue(self, _: Any, input: Json) -> Json:
        item = self._item(input)
        item["values"].pop(self._field(input)["id"], None)
        return {"projectV2Item": {"id": item["id"]}}

    def deleteProjectV2Item(self, _: Any, input: Json) -> Json:
        item = self._item(input)
        self._project(input["projectId"])["items"].remove(item)
        return {"deletedItemId": item["id"]}

    def _project(self, project_id: str) -> Json:
        owner, number = project_id.removeprefix("PVT_")[:-1], int(project_id[-1])
        found: Json = self._world.of(owner, Projects).found[number - 1]
        return found

    def _item(self, input: Json) -> Json:
        for item in self._project(input["projectId"])["items"]:
            if item["id"] == input["itemId"]:
                found: Json = item
                return found
        raise NotFound(f"Could not resolve to a node with the global id of '{input['itemId']}'.")

    def _field(self, input: Json) -> Json:
        fields: list[Json] = self._project(input["projectId"])["fields"]
        return next(each for each in fields if each["id"] == input["fieldId"])

    def _content(self, name: str, number: int) -> Json:
        issues = self._world.repositories[name].issues
        if number > len(issues):
            raise NotFound(f"Could not resolve to an issue or pull request with the number of {number}.")
        issue, pull = issues[number - 1], self._world.of(name, Pulls).found.get(number)
        return {
            "__typename": "PullRequest" if pull else "Issue",
            "id": f"C|{name}|{number}",
            "number": number,
            "title": issue["title"],
            "url": (pull or issue)["html_url"],
            "state": "MERGED" if pull and pull["merged"] else (pull or issue)["state"].upper(),
            "repository": {"nameWithOwner": name},
        }

    def _shown(self, project: Json) -> Json:
        items = [self._shown_item(project, item) for item in project["items"]]
        return project | {
            "fields": lambda _, **arguments: _connection(project["fields"], arguments),
            "items": lambda _, **arguments: _connection(items, {"first": 1, **arguments}),
        }

    def _shown_item(self, project: Json, item: Json) -> Json:
        title = {"__typename": "ProjectV2ItemFieldTextValue", "field": project["fields"][0]}
        values = [title | {"text": item["content"]["title"]}]
        for each in project["fields"]:
            if each["id"] in item["values"]:
                values.append({"field": each, **_value(each, item["values"][each["id"]])})
        return item | {"fieldValues": lambda _, **arguments: _connection(values, arguments)}


def _value(of: Json, value: Any) -> Json:
    match of["dataType"]:
        case "TEXT":
            return {"__typename": "ProjectV2ItemFieldTextValue", "text": value}
        case "NUMBER":
            return {"__typename": "ProjectV2ItemFieldNumberValue", "number": value}
        case "DATE":
            return {"__typename": "ProjectV2ItemFieldDateValue", "date": value}
        case "SINGLE_SELECT":
            name = next(each["name"] for each in of["options"] if each["id"] == value)
            return {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": name}
        case _:
            title = next(each["title"] for each in of["configuration"]["iterations"] if each["id"] == value)
            return {"__typename": "ProjectV2ItemFieldIterationValue", "title": title}
