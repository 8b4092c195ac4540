"""Logins of people at plugins."""

from store.migrations.scripts import run_sql

revision = "0230"
down_revision = "0227"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
