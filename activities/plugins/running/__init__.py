"""Running the servers of plugins, and calling their tools.

Each server belongs to one person and one plugin, in one generation of it. It is started when it is first called, by a
task that owns its connection, and ended when nobody has used it for a while, when its plugin changes, and with the
worker.
A local server runs confined as code in the sandbox does; one at an address is spoken to as the web is.

What a server says never gets into an exception's words: it is in results, which are other people's words, or in
``said``, for people who look after plugins.
"""

from activities.plugins.running.calls import (
    Ask,
    CallResult,
    ElicitAnswer,
    Elicitation,
    Probed,
    RunningServer,
    Show,
)
from activities.plugins.running.faults import NotAsked, ServerFault
from activities.plugins.running.servers import Authorize, Servers, Values

__all__ = [
    "Ask",
    "Authorize",
    "CallResult",
    "ElicitAnswer",
    "Elicitation",
    "NotAsked",
    "Probed",
    "RunningServer",
    "ServerFault",
    "Servers",
    "Show",
    "Values",
]
