"""Budgets: limits that were set by command, and what calls under way may cost at worst."""

from store.migrations.scripts import run_sql

revision = "0190"
down_revision = "0180"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
