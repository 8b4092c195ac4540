"""Forgetting that reaches: what commands say and answer, private notes, steps back, and what could not be learned."""

from store.migrations.scripts import run_sql

revision = "0140"
down_revision = "0130"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
