"""Results of tools that come from outside, hours or days after their call."""

from store.migrations.scripts import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
