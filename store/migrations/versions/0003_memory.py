"""Memories, what was learned from which turn, and what each turn was given."""

from store.migrations.scripts import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("memories would be lost; restore a backup instead")
