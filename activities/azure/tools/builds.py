"""Builds, what failed in them, and their logs."""

from typing import Any, Literal

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import Branch, Continued, InProject, Number
from activities.azure.asking import Asking, Place
from activities.azure.markdown import facts, link
from activities.tools.tool import Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.web import visible

LINES = 300
ISSUES_LIMIT = 30
RECORDS_LIMIT = 100

Result = Literal["succeeded", "partiallySucceeded", "failed", "canceled"]


class ListBuilds(InProject, Continued):
    branch: Branch | None = None
    result: Result | None = None
    status: Literal["inProgress", "completed", "notStarted", "all"] = "all"
    mine: bool = Field(False, description="only those that were begun for the person")


class OneBuild(InProject):
    build: Number = Field(description="its number, which is also that of its run")

    @property
    def which(self) -> str:
        return f"build {self.build} of {self.where}"


class GetLogs(OneBuild):
    log: Number | None = Field(None, description="which of its logs; without it they are listed")
    lines: int = Field(LINES, ge=1, le=5_000, description="the last so many")
    before: Number | None = Field(None, description="the lines before this one, in place of the last ones")


class _Builds:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_builds(self, asked: ListBuilds, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        query = {
            "branchName": f"refs/heads/{asked.branch}" if asked.branch else None,
            "statusFilter": asked.status,
            "resultFilter": asked.result,
            "requestedFor": (await place.me()).id if asked.mine else None,
            "queryOrder": "queueTimeDescending",
            **asked.paging,
        }
        answer = await place.read("_apis/build/builds", query=query)
        lines = [f"- {build_line(place, each)}" for each in answer.listed]
        return markdown.listed(f"the builds of {place.project}", lines, markdown.continued(answer.after))

    async def get_build(self, asked: OneBuild, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = (await place.read("_apis/build/builds", asked.build)).data
        lines = [build_line(place, found), f"Commit: {markdown.line(found.get('sourceVersion'))}"]
        records = await self._records(place, asked.build)
        for each in [each for each in records if each.get("result") in ("failed", "canceled")][:RECORDS_LIMIT]:
            log = f"log {each['log']['id']}" if each.get("log") else ""
            lines.append(f"- {markdown.line(each.get('type'))} {markdown.line(each.get('name'))}"
                         f"{facts(each['result'], log)}")  # fmt: skip
        issues = [issue for each in records for issue in each.get("issues") or []]
        lines += [_issue(each) for each in issues[:ISSUES_LIMIT]]
        if len(issues) > ISSUES_LIMIT:
            lines.append(f"{len(issues) - ISSUES_LIMIT} more errors and warnings are in its logs.")
        return markdown.others(asked.which, "\n".join(lines))

    async def get_logs(self, asked: GetLogs, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        logs = (await place.read("_apis/build/builds", asked.build, "logs")).listed
        if asked.log is None:
            records = await self._records(place, asked.build)
            names = {each["log"]["id"]: each for each in records if each.get("log")}
            return markdown.listed(f"the logs of {asked.which}", [_log(each, names) for each in logs])
        size = next((int(each.get("lineCount") or 0) for each in logs if each["id"] == asked.log), None)
        if size is None:
            raise ToolFailed(f"There is no log {asked.log} of {asked.which}. Without log they are listed.")
        last = min(size, asked.before - 1) if asked.before else size
        first = max(last - asked.lines + 1, 1)
        query = {"startLine": first, "endLine": last}
        inside = ("_apis/build/builds", asked.build, "logs", asked.log)
        lines = (await place.read(*inside, query=query)).listed if last else []
        shown, _ = visible("\n".join(map(str, lines)))
        more = f"\n\nThere is more above: call again with before={first}." if first > 1 else ""
        return markdown.others(f"log {asked.log} of {asked.which}", (shown or "(empty)") + more)

    async def _records(self, place: Place, build: int) -> list[dict[str, Any]]:
        """What the build was made of; nothing for one that was not begun."""
        timeline = (await place.read("_apis/build/builds", build, "timeline")).data
        return sorted(timeline.get("records") or [], key=lambda each: each.get("order") or 0)


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    builds = _Builds(ask)
    return (
        Tool(
            "ado_list_builds", "List the builds of an Azure DevOps project, newest first.", ListBuilds,
            builds.list_builds, provenance=Provenance.OTHERS, view=lambda asked: f"the builds of {asked.where}",
        ),
        Tool(
            "ado_get_build", "Read one build of Azure DevOps: its state, what failed in it, errors and warnings.",
            OneBuild, builds.get_build, provenance=Provenance.OTHERS, view=lambda asked: asked.which,
        ),
        Tool(
            "ado_get_build_logs", "List the logs of a build of Azure DevOps, or read the last lines of one.", GetLogs,
            builds.get_logs, provenance=Provenance.OTHERS, view=lambda asked: f"the logs of {asked.which}",
        ),
    )  # fmt: skip


def build_line(place: Place, found: dict[str, Any]) -> str:
    """A build in a list."""
    name = f"{(found.get('definition') or {}).get('name', '')} {found.get('buildNumber', '')}"
    return link(name, place.link("_build", "results", buildId=found["id"])) + facts(
        f"build {found['id']}",
        status_of(found.get("status"), found.get("result")),
        markdown.branch(found.get("sourceBranch")),
        f"for {markdown.person(found.get('requestedFor'))}",
        markdown.minute(found.get("queueTime")),
    )


def status_of(status: Any, result: Any) -> str:
    return markdown.line(result if status == "completed" and result else status)


def _issue(found: dict[str, Any]) -> str:
    return f"- {markdown.line(found.get('type'))}: {markdown.line(found.get('message'), 500)}"


def _log(found: dict[str, Any], records: dict[int, dict[str, Any]]) -> str:
    record = records.get(found["id"], {})
    name = f"{markdown.line(record.get('type'))} {markdown.line(record.get('name'))}".strip() or "log"
    size = f"{found.get('lineCount') or 0} lines"
    return f"- log {found['id']}: {name}{facts(size, markdown.line(record.get('result')))}"
