"""Files that people keep with Clara, in the database or in S3, and where files that she made were saved."""

from store.migrations.scripts import run_sql

revision = "0160"
down_revision = "0150"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
