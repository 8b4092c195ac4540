"""Whether the tools of the sandbox can be offered: while a worker of the sandbox says that it has a back end."""

from activities.sandbox.tools import tools
from activities.sandbox.workshop import Workshop
from activities.tools.toolset import Offering, Toolset
from clara.messages import Incoming
from store import sandbox

NAME = "sandbox"
NOBODY = "no worker of the sandbox is running"


def toolset(workshop: Workshop) -> Toolset:
    made = tools(workshop)

    async def offer(message: Incoming) -> Offering:
        state = None if workshop.settings.mode == "off" else await sandbox.state(workshop.pool)
        if state is not None and state.usable:
            return Offering(made)
        why = f"code cannot be run here: {state.about if state else NOBODY}"
        return Offering((), {tool.name: why for tool in made})

    return Toolset(NAME, offer, core=True)
