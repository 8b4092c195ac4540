"""Schedules of people and of the operator, their runs, and people's time zones."""

from store.migrations.scripts import run_sql

revision = "0250"
down_revision = "0240"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
