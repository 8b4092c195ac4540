"""Messages without a turn."""

from store.migrations.scripts import run_sql

revision = "0110"
down_revision = "0100"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
