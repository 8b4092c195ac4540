"""doctor [--live] [--fix] [--json]."""

from typing import TYPE_CHECKING

import click

from clara.invocation import call

if TYPE_CHECKING:
    from gateway.doctor.finding import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "broken": "red"}


@click.command()
@click.option(
    "--live", is_flag=True, help="Also ask the model, the embeddings and Discord something: costs a few tokens."
)
@click.option(
    "--fix", is_flag=True, help="Fix what is safe to fix: permissions, missing folders, leftovers, the schema."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(live: bool, fix: bool, as_json: bool) -> None:
    """Check everything that Clara depends on, and say what to do about what is wrong.

    Exit code 1 if she is down or something is broken, 0 if there are only warnings.
    """
    import asyncio
    import json

    from gateway.doctor.finding import worst

    # Not asyncio.run, which would wait for threads that hang on a name server or a disk.
    found = asyncio.new_event_loop().run_until_complete(_examined(live, fix, show=not as_json))
    verdict = worst(found)
    if as_json:
        checks = [finding.as_json() for finding in found]
        click.echo(json.dumps({"ok": verdict != "broken", "verdict": verdict, "checks": checks}, indent=2))
    else:
        _sum_up(found, fix)
    if verdict == "broken":
        raise click.exceptions.Exit(1)


async def _examined(live: bool, fix: bool, show: bool) -> "list[Finding]":
    import logging

    from gateway.doctor.run import findings
    from temporal.client import quiet

    quiet()
    logging.getLogger("httpx2").setLevel(logging.CRITICAL)
    if live and show:
        from gateway.doctor.outside.live import COSTS

        click.echo(f"{COSTS}\n")
    found = []
    async for finding in findings(live, fix):
        found.append(finding)
        if show:
            _show(finding)
    return found


def _show(finding: "Finding") -> None:
    from adapters.cli.render.printable import printable

    label = click.style(f"{finding.level:<6}", fg=_COLOURS[finding.level])
    click.echo(f"{label}  {finding.name}: {printable(finding.what)}")
    if finding.fix:
        click.echo(f"        {printable(finding.fix)}")
    if finding.mended:
        click.echo(f"        {click.style('fixed', fg='green')}: {printable(finding.mended)}")


def _sum_up(found: "list[Finding]", fixing: bool) -> None:
    broken = sum(finding.level == "broken" for finding in found)
    warnings = sum(finding.level == "warn" for finding in found)
    parts = [f"{broken} broken"] if broken else []
    parts += [f"{warnings} warning{'s' if warnings > 1 else ''}"] if warnings else []
    click.echo(f"\n{', '.join(parts) or 'Everything is fine'}.")
    if not fixing and any(finding.mend for finding in found):
        click.echo(f"Some of it can be fixed with: {call('doctor --fix')}")
