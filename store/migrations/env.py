"""Alembic's environment: one connection, one advisory lock, one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool, text

MIGRATION_LOCK = 0x434C415241  # "CLARA": two starts at once must not migrate at once

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection, connection.begin():
    connection.execute(text("set local lock_timeout = '60s'"))
    connection.execute(text(f"select pg_advisory_xact_lock({MIGRATION_LOCK})"))
    context.configure(connection=connection, transaction_per_migration=False)
    context.run_migrations()
engine.dispose()
