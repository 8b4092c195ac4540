"""Which attempt runs a write, until when it may arrive, and what a reply was corrected by."""

from store.migrations.scripts import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
