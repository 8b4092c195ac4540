"""start, stop, restart."""

from typing import TYPE_CHECKING

import click

from clara.invocation import call

if TYPE_CHECKING:
    from clara.settings import Settings


@click.command()
def start() -> None:
    """Start Clara in the background, until you stop her."""
    from clara.settings import load
    from gateway.console.progress import shown
    from gateway.stack.lifetime import start

    settings = load()
    with shown() as progress:
        start(settings, progress)
    click.echo(f"Clara is running. Talk to her with: {call('chat')}")
    if settings.runtime.ui_url:
        click.echo(f"Temporal Web UI: {settings.runtime.ui_url}")
    _tell(settings)


@click.command()
def stop() -> None:
    """Stop Clara and everything that was started for her."""
    from clara.sources import home
    from gateway.console.progress import shown
    from gateway.home import Home
    from gateway.stack.down import stop

    with shown() as progress:
        stopped = stop(Home(home()), progress)
    click.echo("Clara has stopped." if stopped else "Clara was not running.")


@click.command()
@click.argument("name", required=False)
def restart(name: str | None) -> None:
    """Restart the process NAME, or everything, with the settings as they are now."""
    from clara.settings import load
    from gateway.console.progress import shown
    from gateway.home import Home
    from gateway.stack.lifetime import restart
    from gateway.supervision.choose import chosen

    settings = load()
    with shown() as progress:
        if name is None:
            restart(settings, progress)
        else:
            supervisor, processes = chosen(Home(settings.runtime.home), name)
            for process in processes:
                progress(f"Restarting {process.name}")
                supervisor.stop(process)
                supervisor.start(process)
    click.echo(f"{name or 'Clara'} has been restarted.")
    if name is None:
        _tell(settings)


def _tell(settings: "Settings") -> None:
    """With which settings she runs, and what to know about them."""
    from clara.settings import source
    from gateway.inspection.notices import notices

    found = source()
    click.echo(f"Settings: {found.file}, and the environment" if found.file else "Settings: the environment alone")
    if settings.llm.provider == "scripted":
        click.echo(f"No model provider is configured, so a scripted stand-in answers. Choose one with: {call('setup')}")
    for notice in [*found.overlooked, *notices(settings)]:
        click.echo(notice)
