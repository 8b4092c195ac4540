"""GitHub Actions: workflows, and starting, stopping and repeating their runs."""

from datetime import UTC, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from activities.github.arguments import Branch, InRepository, Login, Paged
from activities.github.asking import Asking
from activities.github.beforehand import beforehand
from activities.github.client import PER_PAGE
from activities.github.faults import Conflict
from activities.github.markdown import workflows as markdown
from activities.github.results import listed, others
from activities.tools.tool import Arguments, Context, Tool, ToolOutput, Verdict
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

CLOCKS_DIFFER = timedelta(seconds=5)
"""Ours and GitHub's; it tells a run's time in whole seconds."""

RUN_SHOWS_WITHIN = timedelta(minutes=2)
"""A started run is in the list of runs after some seconds, and later when GitHub is busy."""

ATTEMPTS_LOOKED_AT = 5

TELLS_THE_RUN = "return_run_details"
"""By this a start answers which run it is."""

# A part of a path, and by its name a file in .github/workflows.
Workflow = Annotated[
    str,
    Field(
        pattern=r"^(?:[1-9][0-9]{0,19}|[A-Za-z0-9_][A-Za-z0-9._-]*\.ya?ml)$",
        max_length=200,
        description="its file, such as deploy.yml, or its id",
    ),
]
RunId = Annotated[int, Field(ge=1, le=2**53)]


class ListWorkflows(InRepository, Paged):
    pass


class ListRuns(InRepository, Paged):
    workflow: Workflow | None = Field(None, description="only of this one: its file, such as deploy.yml, or its id")
    branch: Branch | None = None
    actor: Login | None = Field(None, description="only those that this person began")
    event: Annotated[str, Field(pattern=r"^[a-z_]+$", max_length=50)] | None = Field(None, description="such as push")
    status: (
        Literal["queued", "in_progress", "waiting", "completed", "success", "failure", "cancelled", "timed_out"] | None
    ) = None


class OneRun(InRepository):
    run_id: RunId


class Input(Arguments):
    name: str = Field(min_length=1, max_length=100)
    value: str = Field(max_length=10_000)


def _named_once(inputs: list[Input]) -> list[Input]:
    """ValueError if one of two values would be lost."""
    if len({each.name for each in inputs}) < len(inputs):
        raise ValueError("each input is given once")
    return inputs


class RunWorkflow(InRepository):
    workflow: Workflow
    ref: Branch = Field(description="branch or tag to run it on")
    inputs: Annotated[list[Input], AfterValidator(_named_once)] = Field(
        [], max_length=25, description="what the workflow declares as its inputs"
    )

    @property
    def given(self) -> dict[str, str]:
        return {each.name: each.value for each in self.inputs}


class Rerun(OneRun):
    attempt: int = Field(ge=1, le=1000, description="the run's attempt as github_get_workflow_run has shown it")
    failed_only: bool = Field(False, description="only the jobs that failed, and those that depend on them")


class _Workflows:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_workflows(self, asked: ListWorkflows, context: Context) -> ToolOutput:
        answer = await self._ask(context, "GET", f"{_actions(asked)}/workflows", query=asked.paging)
        lines = map(markdown.workflow_line, answer.data["workflows"])
        return listed(lines, asked.page, answer.more, f"the workflows of {asked.name}")

    async def list_runs(self, asked: ListRuns, context: Context) -> ToolOutput:
        of_one = f"/workflows/{asked.workflow}" if asked.workflow else ""
        query = asked.model_dump(exclude={"owner", "repo", "workflow"}, exclude_none=True)
        answer = await self._ask(context, "GET", f"{_actions(asked)}{of_one}/runs", query=query)
        lines = map(markdown.run_line, answer.data["workflow_runs"])
        return listed(lines, asked.page, answer.more, f"the workflow runs of {asked.name}")

    async def get_run(self, asked: OneRun, context: Context) -> ToolOutput:
        found = (await self._ask(context, "GET", _run(asked))).data
        jobs = await self._ask(context, "GET", f"{_run(asked)}/jobs", query={"per_page": PER_PAGE})
        return others(f"workflow run {asked.run_id} of {asked.name}", markdown.run(found, jobs.data["jobs"], jobs.more))

    async def start(self, asked: RunWorkflow, context: Context) -> str:
        path = f"{_actions(asked)}/workflows/{asked.workflow}/dispatches"
        body = {"ref": asked.ref, "inputs": asked.given}
        try:
            answer = await self._ask(context, "POST", path, {**body, TELLS_THE_RUN: True})
        except ToolFailed as refusal:
            if TELLS_THE_RUN not in str(refusal):
                raise
            answer = await self._ask(context, "POST", path, body)  # an Enterprise that does not know it
        if answer.data:
            return f"Started {asked.workflow} on {asked.ref}, run id {answer.data['workflow_run_id']}: " + (
                f"{answer.data['html_url']}"
            )
        page = await self._ask.page(context, f"/{asked.name}/actions")
        return f"Started {asked.workflow} on {asked.ref}. Its run shows after some seconds: {page}"

    async def was_started(self, asked: RunWorkflow, context: Context) -> Verdict:
        """By who started it and when: GitHub does not tell a run's inputs.

        So it is not known of several in that time, nor of one that somebody else seems to have started.
        """
        begun = (context.now - CLOCKS_DIFFER).astimezone(UTC)
        query = {"event": "workflow_dispatch", "created": f">={begun:%Y-%m-%dT%H:%M:%SZ}", "per_page": PER_PAGE}
        path = f"{_actions(asked)}/workflows/{asked.workflow}/runs"
        found = (await self._ask(context, "GET", path, query=query)).data["workflow_runs"]
        if not found:
            return Verdict("not_done")
        login = await self._ask.login(context)
        theirs = [each for each in found if _login(each.get("actor")) == login]
        return Verdict("done", f"Started: {theirs[0]['html_url']}") if len(theirs) == 1 else Verdict("unknown")

    async def cancel(self, asked: OneRun, context: Context) -> str:
        try:
            await self._ask(context, "POST", f"{_run(asked)}/cancel")
        except Conflict:  # it has ended, which an earlier attempt may have brought about
            found = (await self._ask(context, "GET", _run(asked))).data
            return f"The run has ended already ({markdown.state(found)}): {found['html_url']}"
        page = await self._ask.page(context, f"/{asked.name}/actions/runs/{asked.run_id}")
        return f"GitHub cancels the run: {page}"

    async def rerun(self, asked: Rerun, context: Context) -> str:
        with beforehand():
            found = (await self._ask(context, "GET", _run(asked))).data
        if found["run_attempt"] != asked.attempt:
            raise ToolFailed(f"The run was repeated meanwhile: it is at attempt {found['run_attempt']} now.")
        how = "rerun-failed-jobs" if asked.failed_only else "rerun"
        await self._ask(context, "POST", f"{_run(asked)}/{how}")
        return _repeated(found["html_url"], asked.attempt + 1)

    async def was_rerun(self, asked: Rerun, context: Context) -> Verdict:
        found = (await self._ask(context, "GET", _run(asked))).data
        login = await self._ask.login(context)
        last = found["run_attempt"]
        if last - asked.attempt > ATTEMPTS_LOOKED_AT:
            return Verdict("unknown")
        for attempt in range(asked.attempt + 1, last + 1):
            each = (await self._ask(context, "GET", f"{_run(asked)}/attempts/{attempt}")).data
            if _login(each.get("triggering_actor")) == login:
                return Verdict("done", _repeated(found["html_url"], attempt))
        return Verdict("not_done")


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    workflows = _Workflows(ask)
    return (
        Tool(
            "github_list_workflows", "List the workflows of GitHub Actions in a repository.", ListWorkflows,
            workflows.list_workflows, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_list_workflow_runs", "List runs of GitHub Actions in a repository, newest first.", ListRuns,
            workflows.list_runs, provenance=Provenance.OTHERS, view=lambda asked: asked.name,
        ),
        Tool(
            "github_get_workflow_run",
            "Read one run of GitHub Actions: its state, its jobs, and which steps failed.",
            OneRun, workflows.get_run, provenance=Provenance.OTHERS, view=_named,
        ),
        Tool(
            "github_run_workflow",
            "Start a workflow of GitHub Actions that can be started by hand (workflow_dispatch). It may publish "
            "something, deploy or cost money.",
            RunWorkflow, workflows.start, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=workflows.was_started,
            settles_within=RUN_SHOWS_WITHIN, view=_view_start,
        ),
        Tool(
            "github_cancel_workflow_run", "Stop a run of GitHub Actions.", OneRun, workflows.cancel,
            effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD, view=lambda asked: f"stop run {_named(asked)}",
        ),
        Tool(
            "github_rerun_workflow", "Repeat a run of GitHub Actions that has ended, or only its failed jobs.", Rerun,
            workflows.rerun, effect=Effect.WRITE, risk=Risk.OUTWARD, verify=workflows.was_rerun,
            view=lambda asked: f"repeat {'the failed jobs of ' if asked.failed_only else ''}run {_named(asked)}",
        ),
    )  # fmt: skip


def _actions(asked: InRepository) -> str:
    return f"/repos/{asked.name}/actions"


def _run(asked: OneRun) -> str:
    return f"{_actions(asked)}/runs/{asked.run_id}"


def _named(asked: OneRun) -> str:
    return f"{asked.run_id} of {asked.name}"


def _login(user: dict[str, Any] | None) -> str:
    """Of an account that is gone nobody is told."""
    return str((user or {}).get("login", ""))


def _view_start(asked: RunWorkflow) -> str:
    given = ", ".join(f"{name}={value}" for name, value in asked.given.items())
    return f"start {asked.workflow} of {asked.name} on {asked.ref}{f' with {given}' if given else ''}"


def _repeated(page: str, attempt: int) -> str:
    return f"Repeats the run, as attempt {attempt}: {page}"
