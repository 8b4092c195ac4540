"""Whose words turns have read, and the marks around them."""

from store.migrations.scripts import run_sql

revision = "0210"
down_revision = "0200"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
