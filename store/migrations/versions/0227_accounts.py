"""Accounts of people with other services."""

from store.migrations.scripts import run_sql

revision = "0227"
down_revision = "0225"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
