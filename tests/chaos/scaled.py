"""Loaded by a worker under test through CLARA_TOOLS: its patience, scaled down so that a test outlasts it.

A weekend becomes half a minute, and the 30 days that limits allow for it become five minutes.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from activities.tools.tool import Tool
from temporal import policies
from temporal.policies import Policy
from workflows.conversations import starting

SCALE = 8_640
TRIES = 4

TOOLS: tuple[Tool[Any], ...] = ()

for _name, _policy in list(vars(policies).items()):
    if isinstance(_policy, Policy):
        _tries = min(TRIES, _policy.attempts)
        setattr(policies, _name, replace(_policy, total=_policy.total / SCALE, attempts=_tries))
policies.TOOL_ATTEMPTS = TRIES
starting.TURN_LIMIT = timedelta(days=60) / SCALE
