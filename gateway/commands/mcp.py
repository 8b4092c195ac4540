"""mcp list|status|tools|search|install|uninstall|enable|disable|restart|refresh|oauth-…|set|usage|doctor [--json]."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from adapters.commands.mcp import Answer

F = TypeVar("F", bound=Callable[..., Any])


def _whose(command: F) -> F:
    """Options that every command has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="For programs."),
        click.option("--everybody", is_flag=True, help="For everybody, in place of one person."),
        click.option("-u", "--user", help="In whose name; CLI_USER_ID if not given. platform:id for other platforms."),
    ):
        command = option(command)
    return command


@click.group()
def mcp() -> None:
    """Plugins: MCP servers that Clara can use. docs/plugins.md says what they may do."""


def _done(action: str, text: str, user: str | None, everybody: bool, secret: str = "") -> "Answer":
    from gateway.inspection import plugins

    return plugins.done(action, text, user, everybody, secret)


def _typed(what: str) -> str:
    """Without an echo, or from a pipe: an argument would be in the list of processes."""
    import sys

    if sys.stdin.isatty():
        typed: str = click.prompt(f"{what} (nothing is shown)", hide_input=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _show(answer: "Answer", as_json: bool) -> None:
    from gateway.inspection import plugins

    click.echo(plugins.shown(answer, as_json))
    if answer.failed:
        raise SystemExit(1)


@mcp.command("list")
@_whose
def list_(user: str | None, everybody: bool, as_json: bool) -> None:
    """Show everybody's plugins and a person's own."""
    _show(_done("list", "", user, everybody), as_json)


@mcp.command()
@click.argument("name", required=False, default="")
@_whose
def status(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Show what plugins are doing, and what is wrong with one."""
    _show(_done("status", name, user, everybody), as_json)


@mcp.command()
@click.argument("name")
@_whose
def tools(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Show what a plugin can do, and what waits for a yes."""
    _show(_done("tools", name, user, everybody), as_json)


@mcp.command()
@click.argument("words", nargs=-1, required=True)
@_whose
def search(words: tuple[str, ...], user: str | None, everybody: bool, as_json: bool) -> None:
    """Look for servers in the Smithery registry."""
    _show(_done("search", " ".join(words), user, everybody), as_json)


@mcp.command(context_settings={"ignore_unknown_options": True})
@click.argument("source", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--name", default="", help="What to call it.")
@click.option(
    "--host", "hosts", multiple=True, help="What a server that runs here may reach; * is every public address."
)
@_whose
def install(
    source: tuple[str, ...],
    name: str,
    hosts: tuple[str, ...],
    user: str | None,
    everybody: bool,
    as_json: bool,
) -> None:
    """Install a server: SOURCE is smithery:NAME, smithery-hosted:@OWNER/NAME, an npm package,
    github.com/OWNER/REPOSITORY, an https address, or a command of this machine; after it, arguments for the server.
    """
    import shlex

    words = [*([f"--name={name}"] if name else []), *([f"--hosts={','.join(hosts)}"] if hosts else [])]
    text = " ".join([*words, shlex.join(source) if len(source) > 1 else source[0]])
    _show(_done("install", text, user, everybody), as_json)


@mcp.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_whose
def uninstall(name: str, yes: bool, user: str | None, everybody: bool, as_json: bool) -> None:
    """Remove a plugin and all that is kept of it."""
    if not yes:
        click.confirm(f"Remove {name} and all that is kept of it?", abort=True, err=True)
    _show(_done("uninstall", f"{name} yes", user, everybody), as_json)


@mcp.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_whose
def enable(name: str, yes: bool, user: str | None, everybody: bool, as_json: bool) -> None:
    """Show what a plugin can do, and switch that on."""
    seen = _done("tools", name, user, everybody)
    if not yes:
        click.echo(seen.text, err=True)
        click.confirm("Switch this on?", abort=True, err=True)
    _show(_done("enable", f"{name} {seen.data['shown_as']}", user, everybody), as_json)


@mcp.command()
@click.argument("name")
@_whose
def disable(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Switch a plugin off without removing it."""
    _show(_done("disable", name, user, everybody), as_json)


@mcp.command()
@click.argument("name")
@_whose
def restart(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """End the servers of a plugin; they start again when they are called."""
    _show(_done("restart", name, user, everybody), as_json)


@mcp.command()
@click.argument("name")
@_whose
def refresh(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Ask a plugin anew which tools it has."""
    _show(_done("refresh", name, user, everybody), as_json)


@mcp.command("oauth-start")
@click.argument("name")
@_whose
def oauth_start(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Begin a person's login (OAuth) at a hosted plugin: prints the address to open."""
    _show(_done("oauth_start", name, user, everybody), as_json)


@mcp.command("oauth-complete")
@click.argument("name")
@click.argument("code")
@_whose
def oauth_complete(name: str, code: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Finish that login by hand, with the CODE or the whole address that the browser came back to."""
    _show(_done("oauth_complete", f"{name} {code}", user, everybody), as_json)


@mcp.command("oauth-status")
@click.argument("name")
@_whose
def oauth_status(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Show whether a person is logged in at a plugin."""
    _show(_done("oauth_status", name, user, everybody), as_json)


@mcp.command("oauth-set-token")
@click.argument("name")
@_whose
def oauth_set_token(name: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Keep a token for a hosted plugin, encrypted. It is asked for, or read from a pipe."""
    _show(_done("oauth_set_token", name, user, everybody, _typed("token")), as_json)


@mcp.command("set")
@click.argument("name")
@click.argument("variable")
@_whose
def set_(name: str, variable: str, user: str | None, everybody: bool, as_json: bool) -> None:
    """Keep the value of a VARIABLE or header that a plugin needs, encrypted. It is asked for, or read from a pipe."""
    _show(_done("set", f"{name} {variable}", user, everybody, _typed(variable)), as_json)


@mcp.command()
@_whose
def usage(user: str | None, everybody: bool, as_json: bool) -> None:
    """Show how often a person called which tool of a plugin in 30 days."""
    _show(_done("usage", "", user, everybody), as_json)


@mcp.command()
@_whose
def doctor(user: str | None, everybody: bool, as_json: bool) -> None:
    """Show what keeps plugins from being used."""
    _show(_done("doctor", "", user, everybody), as_json)
