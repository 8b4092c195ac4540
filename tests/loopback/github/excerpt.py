"""Cuts the routes that Clara uses out of GitHub's published description of its REST interface.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python -m tests.loopback.github.excerpt package/generated/api.github.com.json

It writes ``openapi.json`` here: JSON schemas of what is sent and answered. Descriptions and examples are left out, and
so is what is required of an answer, of which the loopback only shows a part; what an answer may not hold is kept.
The description is published under the MIT license, which goes along.
"""

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.json")

ROUTES = (
    *("GET /user", "GET /search/users", "GET /search/repositories", "GET /search/code", "GET /search/issues"),
    *("GET /repos/{owner}/{repo}", "POST /user/repos", "POST /orgs/{org}/repos", "POST /repos/{owner}/{repo}/forks"),
    *("GET /repos/{owner}/{repo}/forks", "GET /repos/{owner}/{repo}/contents/{path}"),
    *("PUT /repos/{owner}/{repo}/contents/{path}", "DELETE /repos/{owner}/{repo}/contents/{path}"),
    *("GET /repos/{owner}/{repo}/branches", "GET /repos/{owner}/{repo}/git/ref/{ref}"),
    *("POST /repos/{owner}/{repo}/git/refs", "GET /repos/{owner}/{repo}/commits"),
    *("GET /repos/{owner}/{repo}/commits/{ref}", "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"),
    *("GET /gists", "GET /users/{username}/gists", "POST /gists", "GET /gists/{gist_id}", "PATCH /gists/{gist_id}"),
    *("DELETE /gists/{gist_id}", "GET /repos/{owner}/{repo}/releases", "GET /repos/{owner}/{repo}/releases/latest"),
    *("GET /repos/{owner}/{repo}/tags", "GET /notifications", "PUT /notifications"),
    *("GET /repos/{owner}/{repo}/notifications", "PUT /repos/{owner}/{repo}/notifications"),
    *("PATCH /notifications/threads/{thread_id}", "GET /user/starred", "GET /users/{username}/starred"),
    *("PUT /user/starred/{owner}/{repo}", "DELETE /user/starred/{owner}/{repo}"),
    *("GET /repos/{owner}/{repo}/issues", "POST /repos/{owner}/{repo}/issues"),
    *("GET /repos/{owner}/{repo}/issues/{issue_number}", "PATCH /repos/{owner}/{repo}/issues/{issue_number}"),
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    *("GET /repos/{owner}/{repo}/pulls", "POST /repos/{owner}/{repo}/pulls"),
    *("GET /repos/{owner}/{repo}/pulls/{pull_number}", "PATCH /repos/{owner}/{repo}/pulls/{pull_number}"),
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
    *("GET /repos/{owner}/{repo}/actions/workflows", "GET /repos/{owner}/{repo}/actions/runs"),
    "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
    "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    "GET /repos/{owner}/{repo}/actions/runs/{run_id}",
    "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
    "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel",
    "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun",
    "POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs",
)

_KEPT = ("type", "enum", "items", "properties", "additionalProperties", "anyOf", "allOf", "pattern", "$ref")
_BOUNDS = ("required", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


class Excerpt:
    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole
        self.schemas: dict[str, Any] = {}

    def routes(self) -> dict[str, Any]:
        found = {route: self._route(*route.split(" ")) for route in ROUTES}
        # Only the words of the description say that a file of a gist is deleted by a null.
        files = found["PATCH /gists/{gist_id}"]["body"]["properties"]["files"]
        files["additionalProperties"]["type"] = ["object", "null"]
        return found

    def _route(self, method: str, path: str) -> dict[str, Any]:
        described = self._whole["paths"][path][method.lower()]
        parameters = [self._resolved(each) for each in described.get("parameters", [])]
        query = {each["name"]: self._schema(each["schema"], "in") for each in parameters if each["in"] == "query"}
        body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        answers = {}
        for status, answer in described["responses"].items():
            content = self._resolved(answer).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if status.startswith("2"):
                answers[status] = self._schema(schema, "out") if schema else None
        return {"query": query, "body": self._schema(body, "in") if body else None, "answers": answers}

    def _resolved(self, each: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in each:
            return each
        _, *names = each["$ref"].split("/")
        found: Any = self._whole
        for name in names:
            found = found[name]
        return dict(found)

    def _schema(self, schema: Any, way: str) -> Any:
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            name = f"{way}-{schema['$ref'].rpartition('/')[2]}"
            if name not in self.schemas:
                self.schemas[name] = {}
                self.schemas[name] = self._schema(self._resolved(schema), way)
            return {"$ref": f"#/schemas/{name}"}
        if "allOf" in schema:
            return self._merged(schema["allOf"], way)
        made = {key: schema[key] for key in (*_KEPT, *(_BOUNDS if way == "in" else ())) if key in schema}
        if "oneOf" in schema:
            made["anyOf"] = schema["oneOf"]  # without what is required, several would fit
        self._cut_within(made, way)
        return self._nullable(made) if schema.get("nullable") else made

    def _cut_within(self, made: dict[str, Any], way: str) -> None:
        if "anyOf" in made:
            made["anyOf"] = [self._schema(each, way) for each in made["anyOf"] if set(each) - {"required"}]
            if not made["anyOf"]:
                del made["anyOf"]
        if "properties" in made:
            made["properties"] = {name: self._schema(each, way) for name, each in made["properties"].items()}
            made.setdefault("additionalProperties", False)
        for within in ("items", "additionalProperties"):
            if within in made:
                made[within] = self._schema(made[within], way)

    def _merged(self, parts: list[Any], way: str) -> Any:
        made: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
        for part in parts:
            found = self._schema(self._resolved(part), way)
            made["properties"] |= found.get("properties", {})
        return made

    @staticmethod
    def _nullable(made: dict[str, Any]) -> dict[str, Any]:
        if "type" in made:
            made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        if "anyOf" in made:
            made["anyOf"] = [*made["anyOf"], {"type": "null"}]
        return made


def lines(found: dict[str, Any]) -> str:
    """JSON with a line for each, so that a change can be read."""
    return ",\n".join(f"{json.dumps(name)}:{json.dumps(found[name], separators=(',', ':'))}" for name in sorted(found))


if __name__ == "__main__":
    described = Path(sys.argv[1])
    excerpt = Excerpt(json.loads(described.read_text()))
    routes = excerpt.routes()
    license_text = json.dumps((described.parents[1] / "LICENSE").read_text())
    FILE.write_text(
        f'{{"license":{license_text},\n"routes":{{\n{lines(routes)}\n}},\n"schemas":{{\n{lines(excerpt.schemas)}\n}}}}\n'
    )
