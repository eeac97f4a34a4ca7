"""What Alembic runs: on the connection, and in the transaction, that `volteface.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from volteface.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
