"""What a forgotten memory has left outside of the book is removed even if the process dies at it."""

from store.migrations.scripts import run_sql

revision = "0145"
down_revision = "0140"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
