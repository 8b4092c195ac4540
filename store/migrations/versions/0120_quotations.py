"""A memory is a quotation."""

from store.migrations.scripts import run_sql

revision = "0120"
down_revision = "0110"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
