"""adapter NAME start|stop|restart|status."""

import click

from clara.invocation import call


@click.command()
@click.argument("name")
@click.argument("action", type=click.Choice(["start", "stop", "restart", "status"]))
def adapter(name: str, action: str) -> None:
    """Look after the process that connects Clara to a platform, such as discord."""
    from clara.errors import Misconfigured, UserError
    from clara.settings import load
    from gateway.home import Home
    from gateway.supervision.choose import chosen
    from gateway.supervision.programs import ADAPTERS

    if name not in ADAPTERS:
        raise UserError(f"There is no adapter {name}. There are: {', '.join(ADAPTERS)}")
    home = Home(load().runtime.home)
    home.check()
    try:
        supervisor, processes = chosen(home, name)
    except UserError:
        raise Misconfigured(f"{name} is not set up: set {ADAPTERS[name][0]}, then run: {call('restart')}") from None
    for process in processes:
        if action in ("stop", "restart"):
            supervisor.stop(process)
        if action in ("start", "restart"):
            supervisor.start(process)
    for process in chosen(home, name)[1]:
        click.echo(f"{process.name}: {process.state}" + (f", process {process.pid}" if process.pid else ""))
