"""What plugins ask their person."""

from store.migrations.scripts import run_sql

revision = "0235"
down_revision = "0230"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
