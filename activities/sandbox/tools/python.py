"""Python code, in a session that goes on."""

from pydantic import Field

from activities.sandbox.sessions import Piece
from activities.sandbox.workshop import Workshop
from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from clara.invocation import call
from clara.tools.tool import MAX_TIMEOUT, Effect, Risk
from store import sandbox
from temporal import queues

NAME = "execute_python"
LONGEST_S = 540
LONGEST_CODE = 200_000


class ExecutePython(Arguments):
    code: str = Field(min_length=1, max_length=LONGEST_CODE)
    timeout: int = Field(120, ge=1, le=LONGEST_S, description="seconds")


NEW = "[This is a new Python session: variables and imports of earlier calls are gone, files are still there.]"


def tool(workshop: Workshop) -> Tool[ExecutePython]:
    async def run(arguments: ExecutePython, context: Context) -> ToolOutput:
        opened = workshop.sandbox
        box = await opened.boxes.ready(context, mixed=await workshop.mixes(context))
        conversation = context.message.conversation.id

        async def work() -> ToolOutput:
            # In here, because an attempt after a crash must leave it to the next call to say that its session is new.
            session, is_new = await opened.conversations.session(box.id, conversation)
            async with session.lock:
                piece = await session.run(arguments.code, arguments.timeout, context.show)
            lost = is_new and await sandbox.ran_before(workshop.pool, context.key, context.user_id, conversation, NAME)
            return ToolOutput(told(piece, lost), _figures(piece), workshop.origin(box))

        return await opened.journal.once(NAME, context, work)

    return Tool(
        name=NAME,
        description=(
            "Run Python in the person's sandbox. Variables and imports stay for later calls in this conversation; the "
            "value of a last expression is shown; matplotlib figures left open are sent to the person as pictures. "
            "Files attached to the message are in attachments/. Files stay in the sandbox. "
            + ("It reaches some hosts only." if workshop.has_network else "It has no network.")
        ),
        arguments=ExecutePython,
        run=run,
        effect=Effect.IDEMPOTENT,
        risk=Risk.OUTWARD if workshop.has_network else Risk.CHANGE,
        timeout=MAX_TIMEOUT,
        view=lambda asked: _first_line(asked.code),
        queue=queues.SANDBOX,
    )


def told(piece: Piece, lost: bool) -> str:
    """What the model reads of a piece."""
    lines = [NEW] if lost else []
    lines.append(piece.output.rstrip("\n") or ("" if piece.ended else "(It wrote nothing.)"))
    if piece.figures:
        count = len(piece.figures)
        lines.append(f"[{count} {'figure was' if count == 1 else 'figures were'} sent to the person.]")
    if "ModuleNotFoundError" in piece.output:
        lines.append(f"[install_package adds a package for this person. {_usual_packages()}]")
    if piece.ended:
        lines.append(f"[{piece.ended}]")
    return "\n".join(line for line in lines if line)


def _usual_packages() -> str:
    return f"With bubblewrap, the operator adds pandas and matplotlib for everybody: {call('install sandbox-python')}"


def _figures(piece: Piece) -> tuple[File, ...]:
    return tuple(File(f"figure-{i}.png", "image/png", data) for i, data in enumerate(piece.figures, 1))


def _first_line(code: str) -> str:
    return next((line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
