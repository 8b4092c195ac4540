"""Reading on in a tool's output that was too long to be shown whole."""

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.errors import ToolFailed
from clara.tools.tool import PREVIEW_LIMIT
from store.database import Pool
from store.files import blobs
from store.turns import steps

PAGE = PREVIEW_LIMIT - 200
"""Characters of one answer, so that a page is never cut itself."""


class ReadOutput(Arguments):
    call: str = Field(min_length=1, max_length=64, description="the call whose output was cut, as its output names it")
    start: int = Field(0, ge=0, description="number of the first character to read")
    find: str = Field("", max_length=200, description="read around the first place after start that has this text")


def tool(pool: Pool) -> Tool[ReadOutput]:
    """Outputs of the same person in the same conversation, and of nobody else."""

    async def read(arguments: ReadOutput, context: Context) -> ToolOutput:
        conversation = context.message.conversation
        result = await steps.result_of_call(pool, conversation, context.user_id, arguments.call)
        if result is None:
            raise ToolFailed(f"There is no output of a call {arguments.call!r} in this conversation.")
        blob = await blobs.get(pool, result.blob_id, context.user_id) if result.blob_id else None
        text = blob.data.decode("utf-8", "replace") if blob else result.preview
        start = arguments.start
        if arguments.find:
            at = text.lower().find(arguments.find.lower(), start)
            if at < 0:
                raise ToolFailed(f"{arguments.find!r} does not occur in it after character {start:,}.")
            start = max(start, at - PAGE // 4)
        if start >= len(text):
            raise ToolFailed(f"It has {len(text):,} characters only.")
        end = min(start + PAGE, len(text))
        more = f"; go on with start={end}" if end < len(text) else ""
        heading = f"[characters {start:,} to {end:,} of {len(text):,}{more}]"
        return ToolOutput(f"{heading}\n{text[start:end]}", provenance=result.provenance)

    return Tool(
        name="read_output",
        description="Read the parts of a tool's long output that were left out.",
        arguments=ReadOutput,
        run=read,
    )
