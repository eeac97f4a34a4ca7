"""Alembic's environment; `volteface.store.migrate` runs it, there is no alembic.ini."""
