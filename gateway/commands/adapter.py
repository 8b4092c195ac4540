"""adapter NAME start|stop|restart|status."""

import click

from clara.invocation import call


@click.command()
@click.argument("name")
@click.argument("action", type=click.Choice(["start", "stop", "restart", "status"]))
def adapter(name: str, action: str) -> None:
    """Look after the process that connects Clara to a platform, such as discord.

    Exit code of status: 0 if it runs, 3 if it does not.
    """
    from clara.errors import Misconfigured, UserError
    from clara.settings import load
    from gateway.console.exit_codes import NOT_RUNNING
    from gateway.errors import NotRunning
    from gateway.home import Home
    from gateway.supervision.choose import chosen
    from gateway.supervision.programs import ADAPTERS

    if name not in ADAPTERS:
        raise UserError(f"There is no adapter {name}. There are: {', '.join(ADAPTERS)}")
    home = Home(load().runtime.home)
    home.check()
    not_set_up = f"{name} is not set up: set {ADAPTERS[name][0]}, then run: {call('restart')}"
    try:
        supervisor, processes = chosen(home, name)
    except (NotRunning, UserError) as error:
        reason = error if isinstance(error, NotRunning) else Misconfigured(not_set_up)
        if action != "status":
            raise reason from None
        click.echo(str(reason), err=True)
        raise click.exceptions.Exit(NOT_RUNNING) from None
    for process in processes:
        if action in ("stop", "restart"):
            supervisor.stop(process)
        if action in ("start", "restart"):
            supervisor.start(process)
    found = chosen(home, name)[1]
    for process in found:
        click.echo(f"{process.name}: {process.state}" + (f", process {process.pid}" if process.pid else ""))
    if action == "status" and any(process.state != "running" for process in found):
        raise click.exceptions.Exit(NOT_RUNNING)
