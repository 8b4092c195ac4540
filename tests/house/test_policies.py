"""Policies outlast everything being switched off: time during which nobody could try ends nobody's patience."""

from datetime import timedelta

import pytest

from clara.tools.tool import Effect
from temporal import policies
from temporal.policies import Policy
from workflows.conversations.starting import TURN_LIMIT

LONG_WEEKEND = timedelta(days=4)

NAMED = {name: policy for name, policy in vars(policies).items() if isinstance(policy, Policy)}


@pytest.mark.parametrize(
    "policy", [*NAMED.values(), *(policies.tool(30, effect) for effect in Effect)], ids=[*NAMED, *Effect]
)
def test_policy_outlasts_a_long_weekend_and_still_ends(policy: Policy) -> None:
    options = policy.options()
    assert options["schedule_to_close_timeout"] > LONG_WEEKEND
    assert 0 < options["retry_policy"].maximum_attempts < 10_000
    waited_for = policy is not policies.REINDEX
    assert options["heartbeat_timeout"] <= timedelta(seconds=5 if waited_for else 30)


def test_turn_outlasts_the_longest_wait_and_a_month_switched_off() -> None:
    assert timedelta(days=60) <= TURN_LIMIT
