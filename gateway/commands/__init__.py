"""The commands. Each imports what it needs when it runs, so that --version and --help answer at once."""

import click

from clara import __version__
from gateway.commands.adapter import adapter
from gateway.commands.chat import chat
from gateway.commands.db import db
from gateway.commands.doctor import doctor
from gateway.commands.logs import logs
from gateway.commands.person import person
from gateway.commands.setup import setup
from gateway.commands.stack import restart, start, stop
from gateway.commands.status import status
from gateway.commands.turn import turn
from gateway.memory import memory


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="Clara %(version)s")
def clara() -> None:
    """Clara, your personal assistant: talk to her, run her, look after her."""


for command in (chat, setup, start, stop, restart, status, logs, doctor, adapter, db, turn, person, memory):
    clara.add_command(command)
