"""doctor [--json]."""

import click

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Check everything that Clara depends on, and say what to do about what is wrong. Exit code 1 if something is."""
    import json
    from dataclasses import asdict

    from gateway.doctor import Check, examine

    found: list[Check] = []
    for check in examine():
        found.append(check)
        if not as_json:
            click.echo(f"{click.style(f'{check.status:<4}', fg=_COLOURS[check.status])}  {check.name}: {check.detail}")
            if check.advice:
                click.echo(f"      {check.advice}")
    failed = any(check.status == "fail" for check in found)
    if as_json:
        click.echo(json.dumps({"ok": not failed, "checks": [asdict(check) for check in found]}, indent=2))
    if failed:
        raise click.exceptions.Exit(1)
