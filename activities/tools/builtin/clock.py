"""The current time, where the person is."""

from zoneinfo import ZoneInfo

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool
from clara.errors import ToolFailed


class CurrentTime(Arguments):
    timezone: str | None = Field(None, description="IANA name such as Asia/Tokyo; leave out for the person's own zone")


async def current_time(arguments: CurrentTime, context: Context) -> str:
    zone = arguments.timezone or context.message.timezone
    if zone is None:
        return f"{context.now:%A, %Y-%m-%d %H:%M:%S} ({context.now.tzinfo})"
    try:
        local = context.now.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError) as error:
        raise ToolFailed(f"There is no time zone called {zone!r}. Use an IANA name such as Europe/Berlin.") from error
    return f"{local:%A, %Y-%m-%d %H:%M:%S} ({zone}, UTC{local:%z})"


TOOL = Tool(
    name="current_time",
    description="The current date and time, in the person's time zone or another one.",
    arguments=CurrentTime,
    run=current_time,
)
