"""Bringing a database to the schema of this version."""

from __future__ import annotations

import sqlalchemy as sa

from volteface.errors import StoreError
from volteface.store.engine import MIGRATE, Database
from volteface.store.schema import HEAD


def to_head(database: Database, *, create: bool) -> None:
    """Migrate forward to head; two processes may do so at once. Raises StoreError.

    `create=False` refuses a database that holds nothing of ours. Importing Alembic takes longer than everything else
    here, so a database that is at head already never does.
    """
    if not create and database.file and not database.file.exists():
        raise _nothing_there(database)
    with database.read() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    if found is None and not create:
        raise _nothing_there(database)
    database.prefer_wal()
    with database.write() as connection:
        database.alone(connection, MIGRATE)
        _upgrade(database, connection)


def _nothing_there(database: Database) -> StoreError:
    return StoreError(
        f"there is no volteface data yet: {database.name}; "
        "run `volteface poll` first, or check `database` in config.yaml"
    )


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.select(sa.column("version_num", sa.Text)).select_from(sa.table("alembic_version")))


def _upgrade(database: Database, connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "volteface.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"the database was written by another version of volteface: {database.name} is at schema revision "
            f"{_revision(connection)}, this version knows up to {HEAD}; upgrade volteface"
        ) from error
