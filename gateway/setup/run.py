"""Setup from its first question to the file that is written."""

from collections.abc import Mapping
from pathlib import Path

from clara.errors import ClaraError, Misconfigured, UserError
from clara.invocation import call
from clara.settings import environment, load, source
from clara.sources import home
from clara.sources.finding import ENV_FILE
from gateway.home import Home
from gateway.setup import dialogue, env_writer, scripted
from gateway.setup.result import Result
from gateway.setup.scripted import Options, Tell
from gateway.supervision import claim


def target() -> Path:
    """The file that is written: the one that the settings are read from, else .env in CLARA_HOME."""
    file = source().file
    if file and file.exists() and not file.is_file():
        raise UserError(f"CLARA_ENV_FILE names {file}, which cannot hold settings.")
    return file or home() / ENV_FILE


def decide(options: Options, questions: bool, tell: Tell) -> Result:
    """What is to be written. With ``questions``, what the options leave open is asked for."""
    variables = environment()
    result = scripted.decide(options, variables, tell)
    if questions and not result.failed:
        answered = dialogue.decide(options, variables)
        result.changes |= answered.changes
    return result


def save(changes: Mapping[str, str]) -> Path:
    """Write the file; UserError if one of these values is not one that Clara takes."""
    file, variables = target(), environment()
    try:
        load({**variables, **changes})
    except Misconfigured as error:
        ours = [line for line in str(error).splitlines() if line.partition(":")[0] in changes]
        if ours:
            raise UserError("\n".join(ours)) from None
    env_writer.save(file, changes)
    return file


def notes(changes: Mapping[str, str]) -> list[str]:
    """What is left to be done or known after the file was written."""
    found = []
    variables = environment()
    overriding = [name for name, value in changes.items() if variables.get(name, "").strip() != value]
    if overriding:
        names = ", ".join(overriding)
        found.append(f"{names} in the environment overrides what was written: unset {names}")
    try:
        settings = load()
    except ClaraError as error:
        return [*found, "Some settings are still wrong:", *(f"  {line}" for line in str(error).splitlines())]
    if claim.holder(Home(settings.runtime.home), "supervisor"):
        found.append(f"Clara is running with the settings from before. To apply the new ones: {call('restart')}")
    else:
        found.append(f"Talk to her with: {call('chat')}")
    return found
