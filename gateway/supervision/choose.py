"""Finding the processes that a person names."""

from clara.errors import UserError
from clara.invocation import call
from gateway.errors import NotRunning
from gateway.home import Home
from gateway.supervision.supervisord import Process, Supervisor, attach


def chosen(home: Home, name: str) -> tuple[Supervisor, list[Process]]:
    """The process called ``name``, or all copies of it. NotRunning; UserError lists the names there are."""
    supervisor = attach(home)
    if supervisor is None:
        raise NotRunning(f"Clara is not running. Start her with: {call('start')}")
    processes = supervisor.processes()
    found = [process for process in processes if name in (process.name, process.group)]
    if not found:
        names = ", ".join(sorted(process.name for process in processes))
        raise UserError(f"There is no process {name}. There are: {names}")
    return supervisor, found
