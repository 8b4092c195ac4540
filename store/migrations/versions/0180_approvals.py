"""What a person is asked before it is done, what they answered, and what they allowed for later."""

from store.migrations.scripts import run_sql

revision = "0180"
down_revision = "0170"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
