"""A loopback server of language models; see ``server``."""

from tests.loopback.models.log import Exchange
from tests.loopback.models.plan import Flood, Plan, Refusal, Reply, Script, ToolUse
from tests.loopback.models.request import Request
from tests.loopback.models.scenarios import obey
from tests.loopback.models.server import KEY, ModelServer

__all__ = [
    "KEY",
    "Exchange",
    "Flood",
    "ModelServer",
    "Plan",
    "Refusal",
    "Reply",
    "Request",
    "Script",
    "ToolUse",
    "obey",
]
