"""Shell commands."""

from pydantic import Field

from activities.sandbox.running import Run, run
from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.tools.tool import MAX_TIMEOUT, Effect, Risk
from temporal import queues

NAME = "run_shell"
LONGEST_S = 540
LONGEST = 120_000
"""Bytes of a command: the kernel takes 131,072 in one argument."""


class RunShell(Arguments):
    command: str = Field(min_length=1, max_length=50_000)
    timeout: int = Field(120, ge=1, le=LONGEST_S, description="seconds")


def tool(workshop: Workshop) -> Tool[RunShell]:
    async def execute(arguments: RunShell, context: Context) -> ToolOutput:
        if "\0" in arguments.command or len(arguments.command.encode("utf-8", "replace")) > LONGEST:
            raise ToolFailed(
                f"A command has {LONGEST:,} bytes at most, and no NUL. Write a script with sandbox_write_file, run it."
            )
        opened = workshop.sandbox
        box = await opened.boxes.ready(context, mixed=await workshop.mixes(context))

        async def work() -> ToolOutput:
            command = await opened.command(box.id, ["sh", "-c", arguments.command])
            done = await run(opened.backend, box.id, command, arguments.timeout, show=context.show)
            return ToolOutput(told(done), provenance=workshop.origin(box))

        return await opened.journal.once(NAME, context, work)

    return Tool(
        name=NAME,
        description=(
            "Run a shell command (sh) in the person's sandbox, in its home folder. What it leaves in the background "
            "ends with it; files stay."
        ),
        arguments=RunShell,
        run=execute,
        effect=Effect.IDEMPOTENT,
        risk=Risk.OUTWARD if workshop.has_network else Risk.CHANGE,
        timeout=MAX_TIMEOUT,
        view=lambda asked: asked.command,
        queue=queues.SANDBOX,
    )


def told(done: Run) -> str:
    """What the model reads of a run."""
    lines = [done.output.rstrip("\n")]
    if done.ended:
        lines.append(f"[{done.ended}]")
    elif done.code:
        lines.append(f"[exit code {done.code}]")
    return "\n".join(line for line in lines if line) or "(It wrote nothing.)"
