"""Plugins: whether those that run here can, and what is the matter with those that do not work."""

import psycopg

from activities.plugins import places
from activities.plugins.node import OLDEST, node
from activities.sandbox.backend import Limits
from activities.sandbox.bubblewrap import BubblewrapBackend
from clara import extras
from clara.invocation import call
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn
from gateway.doctor.servers.database import connect
from store.plugins import IN_SHORT, InShort

NAME = "plugins"
BUBBLEWRAP = "Install bubblewrap (sudo apt-get install bubblewrap); docs/sandbox.md says more."
LIMITS = Limits(memory_mib=256, cpus=1.0, processes=32, disk_mib=16)
"""Of the box that is tried."""

SHOWN = 5


async def check(facts: Facts) -> list[Finding]:
    installed = await _installed(facts)
    found = [
        warn(NAME, f"{each.name} does not work: {each.fault}", f"Do that, or: {call(f'mcp uninstall {each.name}')}")
        for each in installed[:SHOWN]
        if each.state == "failed"
    ]
    local = [each.name for each in installed if each.local]
    by_node = [each.name for each in installed if each.program == "node"]
    program = await node()
    if by_node and program is None:
        words = f"{', '.join(by_node[:SHOWN])} cannot run without Node.js {OLDEST[0]} or newer"
        found.append(warn(NAME, words, f"Install Node.js, or {extras.adding('node')}"))
    if local:
        box = BubblewrapBackend(places.boxes(places.root(facts.settings)), LIMITS, reserves=True)
        probe = await box.probe()
        await box.close()
        if not probe.usable:
            words = f"{', '.join(local[:SHOWN])} cannot run without bubblewrap: {probe.about}"
            found.append(warn(NAME, words, BUBBLEWRAP))
    if found:
        return found
    with_what = str(program) if program else f"no Node.js for those that run here ({extras.adding('node')})"
    return [ok(NAME, f"{len(installed)} installed; {with_what}")]


async def _installed(facts: Facts) -> list[InShort]:
    url = facts.database_url
    if url is None or not facts.can_ask_database:
        return []
    try:
        connection = await connect(url)
        async with connection:
            rows = await (await connection.execute(IN_SHORT)).fetchall()
    except psycopg.Error:
        return []  # the database's own check has told
    return [
        InShort(str(name), str(state), str(fault), bool(local), str(program or ""))
        for name, state, fault, local, program in rows
    ]
