"""Reservations of budgets that do not wait for the disk."""

from store.migrations.scripts import run_sql

revision = "0225"
down_revision = "0220"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
