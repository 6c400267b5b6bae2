"""Campaigns, their targets, how these came, and the attempts to reach them."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _campaigns()
    _helpers()
    _targets()
    _attempts()
    _imports()


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("calls_per_second", sa.Float(), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("caller_id", sa.String(length=64), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("overrides", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.UniqueConstraint("name", name="uq_campaigns_name"),
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state"], unique=False)


def _helpers() -> None:
    op.create_table(
        "campaign_history",
        sa.Column("id", RowId, nullable=False),
        sa.Column("campaign_id", RowId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_history_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_history"),
    )
    op.create_index(
        "ix_campaign_history_campaign_id", "campaign_history", ["campaign_id", "id"], unique=False
    )
    op.create_table(
        "campaign_dialers",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_campaign_dialers"),
    )
    op.create_table(
        "campaign_people",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_campaign_people"),
    )


def _targets() -> None:
    claimed = sa.text("dialer IS NOT NULL")
    op.create_table(
        "campaign_targets",
        sa.Column("id", RowId, nullable=False),
        sa.Column("campaign_id", RowId, nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("numbers", Json, nullable=False),
        sa.Column("zones", Json, nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("east", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("dialer", sa.String(length=64), nullable=True),
        sa.Column("attempt_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_targets_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_targets"),
        sa.UniqueConstraint("campaign_id", "person", name="uq_campaign_targets_campaign_id_person"),
    )
    op.create_index(
        "ix_campaign_targets_next",
        "campaign_targets",
        ["campaign_id", "state", "east", "due_at"],
        unique=False,
    )
    op.create_index(
        "ix_campaign_targets_claimed",
        "campaign_targets",
        ["dialer"],
        unique=False,
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    op.create_index("ix_campaign_targets_person", "campaign_targets", ["person"], unique=False)


def _attempts() -> None:
    under_way = sa.text("ended_at IS NULL")
    op.create_table(
        "campaign_attempts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("campaign_id", RowId, nullable=False),
        sa.Column("target_id", RowId, nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("trunk", sa.String(length=64), nullable=False),
        sa.Column("dialer", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.Column("dialled_at", UtcDateTime, nullable=True),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("disposition", sa.String(length=16), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=False),
        sa.Column("result", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_attempts_campaign_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["campaign_targets.id"],
            name="fk_campaign_attempts_target_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_attempts"),
        sa.UniqueConstraint("attempt_id", name="uq_campaign_attempts_attempt_id"),
    )
    op.create_index(
        "uq_campaign_attempts_open",
        "campaign_attempts",
        ["target_id"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    for name, columns in (
        ("target_id", ["target_id"]),
        ("person", ["person", "written_at"]),
        ("number", ["number", "written_at"]),
        ("of", ["campaign_id", "id"]),
        ("disposition", ["campaign_id", "disposition", "answered_at"]),
    ):
        op.create_index(f"ix_campaign_attempts_{name}", "campaign_attempts", columns, unique=False)


def _imports() -> None:
    op.create_table(
        "campaign_imports",
        sa.Column("id", RowId, nullable=False),
        sa.Column("campaign_id", RowId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("heard_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("complaints", Json, nullable=False),
        sa.Column("ignored", Json, nullable=False),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_imports_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_imports"),
        sa.UniqueConstraint("campaign_id", "key", name="uq_campaign_imports_campaign_id_key"),
    )
    op.create_index(
        "ix_campaign_imports_campaign_id", "campaign_imports", ["campaign_id", "id"], unique=False
    )
