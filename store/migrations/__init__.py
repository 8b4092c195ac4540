"""Schema changes: Alembic orders and records them, plain SQL files say what they do.

Alembic and SQLAlchemy take half a second to import, so ``head`` and ``current`` do without them:
a start whose schema is up to date never pays for it.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from clara.errors import Misconfigured

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
_REVISION = re.compile(r"(\d{4})_[a-z0-9_]+\.py")


def revisions() -> list[str]:
    """All revisions of this checkout, oldest first; their file names carry their order."""
    return sorted(found[1] for path in (FOLDER / "versions").iterdir() if (found := _REVISION.fullmatch(path.name)))


def head() -> str:
    return revisions()[-1]


def current(database_url: str) -> str | None:
    """The revision that the database is at; None before the first. Raises psycopg.Error."""
    with psycopg.connect(database_url, connect_timeout=5) as connection:
        exists = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
        if not exists or not exists[0]:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
        return str(row[0]) if row else None


def upgrade(database_url: str) -> bool:
    """Bring the database to the newest revision; False if it was there already.

    Raises psycopg.Error, and Misconfigured for a database that could not hold what people write.
    """
    found = current(database_url)
    if found == head():
        return False
    check_known(found)
    _check_encoding(database_url)
    from alembic import command

    command.upgrade(_config(database_url), "head")
    return True


def check_known(revision: str | None) -> None:
    """Misconfigured if a database at ``revision`` is of a newer Clara than this one."""
    if revision is not None and revision not in revisions():
        raise Misconfigured(
            f"The database is at schema {revision}, and this Clara knows none newer than {head()}: a newer Clara has "
            "used it. Update this one (git pull, make setup), or restore a backup."
        )


def _check_encoding(database_url: str) -> None:
    with psycopg.connect(database_url, connect_timeout=5) as connection:
        encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Misconfigured(
            f"DATABASE_URL: the database must have the encoding UTF8, and this one has {encoding}."
            " Make another one: create database clara encoding 'UTF8' template template0"
        )


def create(description: str) -> list[Path]:
    """Write a new, empty revision after the newest one; returns its files."""
    from alembic import command

    number = f"{int(head()) + 1:04d}"
    script = command.revision(_config(""), message=description, rev_id=number)
    assert script is not None
    assert not isinstance(script, list)
    path = Path(script.path)
    sql = path.with_suffix(".sql")
    sql.write_text(f"-- {description}\n")
    return [path, sql]


def _config(database_url: str) -> "Config":
    from alembic.config import Config

    config = Config()
    options: dict[str, Any] = {"script_location": str(FOLDER), "file_template": "%%(rev)s_%%(slug)s"}
    for name, value in options.items():
        config.set_main_option(name, value)
    config.attributes["url"] = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", database_url)
    return config
