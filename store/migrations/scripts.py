"""Migrations are plain SQL files beside their revision of the same name."""

from pathlib import Path

from alembic import op


def run_sql(revision_file: str) -> None:
    """Run the SQL file that belongs to a revision, inside the migration's transaction."""
    op.get_bind().exec_driver_sql(Path(revision_file).with_suffix(".sql").read_text())
