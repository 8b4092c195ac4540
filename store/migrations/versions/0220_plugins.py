"""Plugins that people have installed, and their tools."""

from store.migrations.scripts import run_sql

revision = "0220"
down_revision = "0210"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
