"""Accounts that are connected in a browser, and whose tokens are renewed."""

from store.migrations.scripts import run_sql

revision = "0240"
down_revision = "0235"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
