"""Actions in chats that tools ask for and adapters carry out."""

from store.migrations.scripts import run_sql

revision = "0170"
down_revision = "0160"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
