"""Migrations are plain SQL files beside their revision of the same name."""

from pathlib import Path

from alembic import op


def run_sql(revision_file: str) -> None:
    """Run the SQL file that belongs to a revision, inside the migration's transaction."""
    # Through the driver itself: SQLAlchemy would take a per cent sign in the SQL for a placeholder.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(revision_file).with_suffix(".sql").read_text())
