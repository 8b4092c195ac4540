"""Which checks there are, in the order in which they are read. A new subject adds its line here."""

from collections.abc import Mapping

from gateway.doctor.configuration import (
    budgets,
    changes,
    choices,
    env_file,
    keys,
    policy_rules,
    scheduler_file,
    tool_modules,
)
from gateway.doctor.examination import Check, blocking
from gateway.doctor.machine import data, home, installation, leftovers, processes, record
from gateway.doctor.outside import discord, live, memory, model, plugins, sandbox
from gateway.doctor.servers import database, learning, polling, sealing, temporal_server, turns

CHECKS: Mapping[str, Check] = {
    "env file": blocking(env_file.check),
    "changed settings": blocking(changes.check),
    "keys": blocking(keys.check),
    "choices": blocking(choices.check),
    "budgets": blocking(budgets.check),
    "tool modules": tool_modules.check,
    "policy": blocking(policy_rules.check),
    "scheduler file": blocking(scheduler_file.check),
    "programs": installation.programs,
    "extras": blocking(installation.extras),
    "home": blocking(home.check),
    "stack.json": blocking(record.check),
    "data": blocking(data.check),
    "leftovers": blocking(leftovers.check),
    "processes": blocking(processes.check),
    "frozen processes": blocking(processes.frozen),
    "database": database.check,
    "turns": turns.check,
    "learning": learning.check,
    "secrets": sealing.check,
    "temporal": temporal_server.check,
    "polling": polling.check,
    "model": model.check,
    "memory": memory.check,
    "sandbox": sandbox.check,
    "plugins": plugins.check,
    "discord": blocking(discord.check),
}

LIVE: Mapping[str, Check] = {
    "live model": live.model,
    "live embeddings": live.embeddings,
    "live discord": live.discord,
}
"""What costs money or uses a secret at its vendor: with ``--live`` only."""
