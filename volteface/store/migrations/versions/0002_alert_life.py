"""Alert life: the state of an alert, what changed it, and a message for each change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _alert()
    _alert_change()
    _outbox()


def _alert() -> None:
    # Not in batch mode: that drops the old table, and SQLite refuses while outbox rows refer to it.
    op.add_column("alert", sa.Column("state", sa.Text(), nullable=False, server_default="provisional"))
    op.add_column("alert", sa.Column("updated", _TIME))
    alert = sa.table("alert", sa.column("state", sa.Text()), sa.column("shift", sa.JSON()))
    op.execute(sa.update(alert).values(state=alert.c.shift["state"].as_string()))


def _alert_change() -> None:
    op.create_table(
        "alert_change",
        sa.Column("id", _ID, nullable=False),
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_change_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_change")),
        sa.UniqueConstraint("alert_id", "number", name=op.f("uq_alert_change_alert_id_number")),
    )


def _outbox() -> None:
    # A table that SQLite has to rebuild loses the conditions of its partial indexes.
    for name in ("ix_outbox_dead", "ix_outbox_unsent"):
        op.drop_index(name, "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint("uq_outbox_alert_id", type_="unique")
        outbox.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="post"))
        outbox.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
        outbox.create_unique_constraint(op.f("uq_outbox_alert_id_number"), ["alert_id", "number"])
    for name, condition in (
        ("ix_outbox_dead", "dead_at IS NOT NULL"),
        ("ix_outbox_unsent", "sent_at IS NULL AND dead_at IS NULL"),
    ):
        op.create_index(name, "outbox", ["id"], sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
