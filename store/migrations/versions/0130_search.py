"""Memories are found by their words."""

from store.migrations.scripts import run_sql

revision = "0130"
down_revision = "0120"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
