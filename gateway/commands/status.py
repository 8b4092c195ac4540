"""status [--json]."""

from typing import TYPE_CHECKING

import click

from clara.invocation import call

if TYPE_CHECKING:
    from gateway.inspection.status import Status


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show what runs, and where. Exit code 3 if Clara does not."""
    import json

    from clara.settings import load
    from gateway.console.exit_codes import NOT_RUNNING
    from gateway.inspection.status import status

    found = status(load())
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        _show(found)
    if not found.running:
        raise click.exceptions.Exit(NOT_RUNNING)


def _show(found: "Status") -> None:
    from datetime import timedelta

    if found.running:
        click.echo("Clara is running" + ("." if found.permanent else ", for as long as somebody chats with her."))
        width = max(len(process.name) for process in found.processes)
        click.echo(f"\n  {'process':<{width}}  {'pid':>7}  {'state':<10}  {'restarts':>8}  up for")
        for process in found.processes:
            since = "" if process.uptime_s is None else str(timedelta(seconds=process.uptime_s))
            line = (
                f"{process.name:<{width}}  {process.pid or '':>7}  {process.state:<10}  {process.restarts:>8}  {since}"
            )
            click.echo(f"  {line}".rstrip())
        click.echo()
    else:
        click.echo(f"Clara is not running. Start her with: {call('start')}\n")
    for label, value in (
        ("Temporal", found.temporal),
        ("Web UI", found.ui),
        ("database", found.database),
        ("home", found.home),
        ("settings", found.settings_file or "the environment alone"),
    ):
        if value:
            click.echo(f"  {label:<10} {value}")
    offline = " (a scripted stand-in: no model provider is configured)" if found.offline else ""
    click.echo(f"  {'model':<10} {found.provider} {found.model}{offline}")
    for notice in found.notices:
        click.echo(f"\n{notice}")
