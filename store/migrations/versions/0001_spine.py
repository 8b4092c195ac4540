"""The spine: conversations, turns, steps, results, effects, blobs, payloads and notes."""

from store.migrations.scripts import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(__file__)


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision; drop the database instead")
