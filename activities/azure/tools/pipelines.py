"""Pipelines and their runs."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import Field

from activities.azure import markdown
from activities.azure.arguments import Branch, Continued, InProject, Line, Number
from activities.azure.asking import Asking, Place, begun_at
from activities.azure.markdown import facts, link
from activities.azure.tools.builds import Result, build_line, status_of
from activities.tools.tool import Context, Tool, ToolOutput, Verdict
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

LOOKED_AT = 100

_PLAIN = re.compile(r"[\w ./:@+-]*")
"""A value that is written in one way only."""

ParameterName = Annotated[Line, Field(min_length=1, max_length=100)]
Value = Annotated[str, Field(max_length=2_000)]


class ListPipelines(InProject, Continued):
    pass


class OnePipeline(InProject):
    pipeline: Number

    @property
    def which(self) -> str:
        return f"pipeline {self.pipeline} of {self.where}"


class RunPipeline(OnePipeline):
    branch: Branch | None = Field(None, description="without it the pipeline's default branch")
    parameters: dict[ParameterName, Value] = Field({}, max_length=30, description="of its template, by name")
    variables: dict[ParameterName, Value] = Field(
        {}, max_length=30, description="that the pipeline allows to be set. Never a secret: they are shown"
    )


class OneRun(OnePipeline):
    run: Number


class ListRuns(OnePipeline, Continued):
    branch: Branch | None = None
    result: Result | None = None
    status: Literal["inProgress", "completed", "notStarted", "all"] = "all"


class _Pipelines:
    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_pipelines(self, asked: ListPipelines, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        answer = await place.read("_apis/pipelines", query={"orderBy": "name asc", **asked.paging})
        lines = [
            f"- {each['id']}: {link(each['name'], place.link('_build', definitionId=each['id']))}"
            + facts(markdown.line(each.get("folder")).strip("\\"))
            for each in answer.listed
        ]
        return markdown.listed(f"the pipelines of {place.project}", lines, markdown.continued(answer.after))

    async def list_runs(self, asked: ListRuns, context: Context) -> ToolOutput:
        # Runs are builds. The list of runs has no pages: it brings up to 10,000 at once.
        place = await self._ask.project(context, asked.project)
        query = {
            "definitions": asked.pipeline,
            "branchName": f"refs/heads/{asked.branch}" if asked.branch else None,
            "statusFilter": asked.status,
            "resultFilter": asked.result,
            "queryOrder": "queueTimeDescending",
            **asked.paging,
        }
        answer = await place.read("_apis/build/builds", query=query)
        lines = [f"- {build_line(place, each)}" for each in answer.listed]
        return markdown.listed(f"the runs of {asked.which}", lines, markdown.continued(answer.after))

    async def get_run(self, asked: OneRun, context: Context) -> ToolOutput:
        place = await self._ask.project(context, asked.project)
        found = (await place.read("_apis/pipelines", asked.pipeline, "runs", asked.run)).data
        self_ = ((found.get("resources") or {}).get("repositories") or {}).get("self") or {}
        name = f"{(found.get('pipeline') or {}).get('name', '')} {found.get('name', '')}"
        lines = [
            link(name, _address(place, found["id"]))
            + facts(
                f"run {found['id']}",
                status_of(found.get("state"), found.get("result")),
                markdown.branch(self_.get("refName")),
                f"begun {markdown.minute(found.get('createdDate'))}",
                f"ended {markdown.minute(found['finishedDate'])}" if found.get("finishedDate") else "",
            )
        ]
        for title, given in (("Parameter", found.get("templateParameters")), ("Variable", found.get("variables"))):
            lines += [f"{title} {markdown.line(name)}: {_value(value)}" for name, value in (given or {}).items()]
        return markdown.others(f"a run of {asked.which}", "\n".join(lines))

    async def run(self, asked: RunPipeline, context: Context) -> str:
        place = await self._ask.project(context, asked.project)
        body: dict[str, Any] = {}
        if asked.branch:
            body["resources"] = {"repositories": {"self": {"refName": f"refs/heads/{asked.branch}"}}}
        if asked.parameters:
            body["templateParameters"] = asked.parameters
        if asked.variables:
            body["variables"] = {name: {"value": value} for name, value in asked.variables.items()}
        made = (await place.change("POST", "_apis/pipelines", asked.pipeline, "runs", body=body)).data
        return _began(place, asked, made["id"])

    async def was_run(self, asked: RunPipeline, context: Context) -> Verdict:
        """A run takes no mark of ours. So it is known by who began it, by hand, since when, and how."""
        place = await self._ask.project(context, asked.project)
        query = {
            "definitions": asked.pipeline,
            "reasonFilter": "manual",
            "branchName": f"refs/heads/{asked.branch}" if asked.branch else None,
            "minTime": begun_at(context).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "queryOrder": "queueTimeDescending",
            "$top": LOOKED_AT,
        }
        found = (await place.read("_apis/build/builds", query=query)).listed
        me = (await place.me()).id
        mine = [each for each in found if (each.get("requestedBy") or {}).get("id") == me]
        judged = [(_is_ours(asked, each), each) for each in mine]
        perhaps = [each for ours, each in judged if ours is not False]
        if len(perhaps) == 1 and judged[mine.index(perhaps[0])][0]:
            return Verdict("done", _began(place, asked, perhaps[0]["id"]))
        return Verdict("unknown" if perhaps or len(found) == LOOKED_AT else "not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    pipelines = _Pipelines(ask)
    return (
        Tool(
            "ado_list_pipelines", "List the pipelines of an Azure DevOps project, by name, with their numbers.",
            ListPipelines, pipelines.list_pipelines,
            provenance=Provenance.OTHERS, view=lambda asked: f"the pipelines of {asked.where}",
        ),
        Tool(
            "ado_list_pipeline_runs", "List the runs of one pipeline of Azure DevOps, newest first.", ListRuns,
            pipelines.list_runs, provenance=Provenance.OTHERS, view=lambda asked: f"the runs of {asked.which}",
        ),
        Tool(
            "ado_get_pipeline_run",
            "Read one run of a pipeline of Azure DevOps: its state, result and parameters. ado_get_build, with the "
            "same number, tells what failed.",
            OneRun, pipelines.get_run,
            provenance=Provenance.OTHERS, view=lambda asked: f"run {asked.run} of {asked.which}",
        ),
        Tool(
            "ado_run_pipeline",
            "Run a pipeline of Azure DevOps, which builds, tests or deploys as whoever wrote it has set.", RunPipeline,
            pipelines.run, effect=Effect.WRITE, risk=Risk.EXECUTE, verify=pipelines.was_run, view=_view_run,
        ),
    )  # fmt: skip


def _view_run(asked: RunPipeline) -> str:
    given = {**asked.parameters, **asked.variables}
    told = "".join(f"; {name}: {value}" for name, value in given.items())
    return f"run {asked.which} on {asked.branch or 'its default branch'}{told}"


def _is_ours(asked: RunPipeline, build: dict[str, Any]) -> bool | None:
    """Whether a build was begun with these parameters and variables; None where that cannot be told.

    It may tell more of them, such as defaults, and may write lists and objects in another way.
    """
    try:
        variables = json.loads(build.get("parameters") or "{}")
    except ValueError:
        return None
    given = [(build.get("templateParameters") or {}, asked.parameters), (variables, asked.variables)]
    alike = [_is_alike(told.get(name), value) for told, all_ in given for name, value in all_.items()]
    return False if False in alike else None if None in alike else True


def _is_alike(told: Any, given: str) -> bool | None:
    if told is None:
        return None
    if str(told).strip().lower() == given.strip().lower():
        return True
    return False if _PLAIN.fullmatch(given) and _PLAIN.fullmatch(str(told)) else None


def _value(value: Any) -> str:
    if isinstance(value, dict):  # a variable
        return "(secret)" if value.get("isSecret") else markdown.line(value.get("value"))
    return markdown.line(value)


def _address(place: Place, run: int) -> str:
    return place.link("_build", "results", buildId=run)


def _began(place: Place, asked: RunPipeline, run: int) -> str:
    return f"Began run {run} of {asked.which}: {_address(place, run)}"
