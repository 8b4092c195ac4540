"""The sandbox: whose box is which, what was begun in it, and which workers have a back end."""

from store.migrations.scripts import run_sql

revision = "0150"
down_revision = "0145"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
