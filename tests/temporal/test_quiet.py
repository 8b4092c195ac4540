"""The SDK's own log on a person's screen."""

import subprocess
import sys
from pathlib import Path

ASK = """
import asyncio, sys
from contextlib import suppress
from datetime import timedelta
from temporalio.client import Client
from temporalio.service import RPCError
from temporal.client import quiet
from temporal.processes.leaving import leave

async def pipe(reader, writer):
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)

async def ask():
    host, port = sys.argv[1].split(":")
    ways = []
    async def between(reader, writer):
        there, back = await asyncio.open_connection(host, int(port))
        ways.extend([writer, back])
        await asyncio.gather(pipe(reader, back), pipe(there, writer))
    server = await asyncio.start_server(between, "127.0.0.1", 0)
    client = await Client.connect("127.0.0.1:%d" % server.sockets[0].getsockname()[1])
    server.close()
    for way in ways:
        way.close()
    try:
        await client.get_workflow_handle("nobody").signal("x", rpc_timeout=timedelta(seconds=4))
    except RPCError:
        print("not answered")

quiet()
asyncio.run(ask())
leave(0)
"""


def test_says_nothing_of_a_server_that_is_away_where_a_person_reads(temporal_address: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK, temporal_address],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (asked.stdout, asked.stderr) == ("not answered\n", "")
