"""The command ``clara``. Errors reach the person as one plain message; what she needs is imported when it is needed."""

import errno


def main() -> None:
    # Nothing else is imported above, so that Ctrl-C while modules are loaded is an end like any other.
    try:
        from gateway.console.invocation import prepare
        from temporal.processes.collecting import seldom
        from temporal.processes.leaving import leave

        prepare()
        seldom()
        code = _run()
    except KeyboardInterrupt:
        from gateway.console.exit_codes import INTERRUPTED
        from temporal.processes.leaving import leave

        code = INTERRUPTED
    leave(code)


def _run() -> int:
    from clara.errors import ClaraError, Misconfigured
    from gateway.commands import clara
    from gateway.console.exit_codes import FAILED, WRONG_SETTING

    try:
        clara(prog_name="clara")
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else int(bool(exit_.code))
    except ClaraError as error:
        return _tell(str(error), WRONG_SETTING if isinstance(error, Misconfigured) else FAILED)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _tell("The disk is full. Free some space, then try again.", FAILED)
        return _tell(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", FAILED)
    except Exception:
        from gateway.console.crash import report

        return _tell(report(), FAILED)
    return 0


def _tell(message: str, code: int) -> int:
    import click

    click.echo(f"clara: {message}", err=True)
    return code


if __name__ == "__main__":
    main()
