"""The audit: what ran, who asked, by whose approval, and what came of it; nothing rewrites it."""

from store.migrations.scripts import run_sql

revision = "0200"
down_revision = "0190"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
