"""What the model is shown of attached files."""

from store.migrations.scripts import run_sql

revision = "0100"
down_revision = "0008"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
