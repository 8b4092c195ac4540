"""The command ``clara``. Errors reach the person as one plain message; what she needs is imported when it is needed."""

import sys

from clara.errors import ClaraError, Misconfigured
from gateway.commands import clara

CONFIGURATION = 2
"""Exit code when a setting or an argument is wrong; 1 stands for everything else that failed."""


def main() -> None:
    try:
        clara(prog_name="clara")
    except ClaraError as error:
        _fail(str(error), CONFIGURATION if isinstance(error, Misconfigured) else 1)
    except OSError as error:
        _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
    except Exception:
        from gateway.crash import report

        _fail(report(), 1)


def _fail(message: str, code: int) -> None:
    import click

    click.echo(f"clara: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
