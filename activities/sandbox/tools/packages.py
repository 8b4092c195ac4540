"""Packages of Python, from the indexes alone."""

from pydantic import Field

from activities.sandbox.proxy import package_indexes
from activities.sandbox.running import run
from activities.sandbox.tools.shell import told
from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.sandbox.packages import MOST, packages
from clara.tools.tool import MAX_TIMEOUT, Effect, Risk
from temporal import queues

NAME = "install_package"
SECONDS = 540.0
TOLD = 3_000
"""Characters of what pip says, from its end."""

ELSEWHERE = ("sh", "-c", 'cd / && exec "$@"', "sh")
"""Python takes modules from where it is begun, and a file of the person's may be called json.py."""


class InstallPackage(Arguments):
    packages: list[str] = Field(min_length=1, max_length=MOST, description="names on PyPI, like pandas or pandas==2.2")


def tool(workshop: Workshop) -> Tool[InstallPackage]:
    async def install(arguments: InstallPackage, context: Context) -> ToolOutput:
        wanted = packages(arguments.packages)
        opened = workshop.sandbox
        box = await opened.boxes.ready(context)
        pip = [*ELSEWHERE, "python3", "-m", "pip", "install", "--user", "--no-input", "--progress-bar", "off"]

        async def work() -> ToolOutput:
            hosts = (*package_indexes(), *workshop.settings.hosts)
            async with opened.installing(box.id, hosts, [*pip, "--", *wanted]) as (command, proxy):
                done = await run(opened.backend, box.id, command, SECONDS, show=context.show)
            said = done.output.strip()[-TOLD:]
            if done.code != 0:
                refused = "".join(f"\n{sentence}" for sentence in proxy.refused)
                raise ToolFailed(f"Not installed. {said}{refused}\n[{done.ended or f'exit code {done.code}'}]")
            installed = [line for line in said.splitlines() if line.startswith(("Successfully", "Requirement already"))]
            return ToolOutput("\n".join(installed) or told(done), provenance=workshop.origin(box))

        return await opened.journal.once(NAME, context, work)

    return Tool(
        name=NAME,
        description="Install Python packages from PyPI in the person's sandbox; they stay there.",
        arguments=InstallPackage,
        run=install,
        effect=Effect.IDEMPOTENT,
        risk=Risk.CHANGE,
        timeout=MAX_TIMEOUT,
        view=lambda asked: ", ".join(asked.packages),
        queue=queues.SANDBOX,
    )
