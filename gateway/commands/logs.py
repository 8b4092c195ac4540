"""logs [NAME] [-n N] [-f]."""

import click


@click.command()
@click.argument("name", required=False)
@click.option("-n", "--lines", default=50, show_default=True, type=click.IntRange(0, 100_000), help="How many lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on showing new lines, until Ctrl-C.")
def logs(name: str | None, lines: int, follow: bool) -> None:
    """Show what the process NAME has written, or all of them together."""
    from clara.errors import UserError
    from clara.sources import home as clara_home
    from gateway.home import Home
    from gateway.supervision import logs

    home = Home(clara_home())
    home.check()
    files = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if name is not None:
        files = {found: path for found, path in files.items() if found == name or found.startswith(f"{name}_")}
        if not files:
            there = ", ".join(path.stem for path in sorted(home.logs.glob("*.log"))) or "none yet"
            raise UserError(f"There is no log of {name}. There are: {there}")
    width = max(map(len, files), default=0)

    def show(line: logs.Line) -> None:
        click.echo(line.text if len(files) == 1 else f"{line.name:<{width}} | {line.text}")

    new = logs.follow(files)
    for line in logs.interleaved(files, lines):
        show(line)
    if follow:
        try:
            for line in new:
                show(line)
        except KeyboardInterrupt:
            return
