"""install [NAME …]."""

import click

from clara.invocation import call


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="For programs; lists, installs nothing.")
def install(names: tuple[str, ...], as_json: bool) -> None:
    """Add what is not installed by default; without a NAME, list what there is.

    It goes into the environment that Clara runs in, in the versions that this release was made with.
    It may be interrupted and run again.
    """
    if as_json and names:
        raise click.UsageError("--json lists, so it takes no NAME.")
    if as_json or not names:
        _list(as_json)
        return
    from clara.extras import EXTRAS
    from gateway.extras import adding
    from gateway.extras.state import state

    for name in names:
        adding.check(name)
    added = [name for name in names if state(name) != "installed"]
    for name in names:
        if name not in added:
            click.echo(f"{name} is installed already.")
            continue
        click.echo(f"Installing {name}, about {EXTRAS[name].megabytes} MB")
        adding.add(name)
        click.echo(f"{name} is installed. It is used with {EXTRAS[name].settings}.")
    if added:
        _tell_restart()


def _list(as_json: bool) -> None:
    import json

    from clara.extras import EXTRAS
    from gateway.console.window import columns, wrapped
    from gateway.extras.state import state

    states = {name: state(name) for name in EXTRAS}
    if as_json:
        listed = [
            {"name": n, "state": states[n], "megabytes": e.megabytes, "purpose": e.purpose, "settings": e.settings}
            for n, e in EXTRAS.items()
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    for name, extra in EXTRAS.items():
        click.echo(f"{name}: {states[name]}, {extra.megabytes} MB")
        click.echo(wrapped(f"  {extra.purpose[0].upper()}{extra.purpose[1:]}. Used with {extra.settings}.", columns()))
    click.echo(f"\nTo install one: {call('install NAME')}")


def _tell_restart() -> None:
    from clara.sources import home
    from gateway.home import Home
    from gateway.supervision import claim

    if claim.holder(Home(home()), "supervisor"):
        click.echo(f"Clara is running without it. To have it used: {call('restart')}")
