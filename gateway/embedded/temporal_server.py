"""Becomes this home's Temporal: the development server, with its state in a file. Run by the supervisor alone."""

import os
import signal
import sys

from clara.errors import ClaraError
from gateway.embedded.binaries import temporal_program
from gateway.home.record import Record
from gateway.supervision.child import begin

DYNAMIC_CONFIG = {
    # Both are needed for cancellations to be pushed to activities instead of waiting for a heartbeat.
    "frontend.WorkerCommandsEnabled": "true",
    "system.enableCancelActivityWorkerCommand": "true",
    # Timers may fire so late, and a killed worker is noticed by one. The default, a second, is for
    # clusters whose clocks differ.
    "history.timerProcessorMaxTimeShift": '"50ms"',
    # How often a second the server looks for workflow tasks to hand out, and for timers that are due. The
    # default of 20 is meant for each of a cluster's hundreds of shards; here one shard has everything, and
    # its third turn within a second would wait 50 ms at each of its steps.
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollRPS": "1000",
}

PRAGMAS = (
    "journal_mode=WAL",
    # What is deleted, such as the history of somebody who is forgotten, is overwritten with zeros, and the log
    # does not keep it beyond its next beginning, which comes after some 4 MB and at a stop.
    "secure_delete=on",
    "journal_size_limit=0",
)

NO_HTTP = {"frontend.httpAllowedHosts": '["nobody.invalid"]'}
"""The development server also serves its API to browsers, on a port of its own and under any name. Nobody needs it."""


def main() -> None:
    child = begin("temporal")
    home = child.home
    record = Record.read(home)
    host, _, port = record.ui_upstream.rpartition(":")
    # A stack that an earlier release started, and that goes on beneath this one, has no filter to show them.
    pages = ["--ui-disable-news-fetch", "--ui-ip", host, "--ui-port", port] if port else ["--headless"]
    argv = [
        *(str(temporal_program()), "server", "start-dev", "--ip", "127.0.0.1"),
        *("--port", str(record.temporal_port), *pages),
        *("--db-filename", "temporal.db", "--log-level", "warn"),
        *(word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)),
        *("--disable-config-file", "--disable-config-env"),
    ]
    for key, value in {**DYNAMIC_CONFIG, **NO_HTTP}.items():
        argv += ["--dynamic-config-value", f"{key}={value}"]
    # HOME: so that nothing is read from or written to the person's own Temporal configuration.
    # USER: because it does not start for a user id without a name, as containers have them.
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(home.temporal), "USER": "clara"}
    os.chdir(home.temporal)  # the file's name is made into a URI unquoted, so it must hold nothing special
    child.become(argv, environment, signal.SIGTERM)


if __name__ == "__main__":
    try:
        main()
    except (ClaraError, OSError) as error:
        sys.exit(f"Temporal cannot be started: {error}")
