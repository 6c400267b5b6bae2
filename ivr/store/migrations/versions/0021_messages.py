"""Messages of campaigns, their parts, and receipts."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Money, RowId, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _messages()
    _parts()
    _receipts()


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("campaign_id", RowId, nullable=False),
        sa.Column("target_id", RowId, nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("price", Money, nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("held_until", UtcDateTime, nullable=True),
        sa.Column("sent_at", UtcDateTime, nullable=True),
        sa.Column("settled_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("target_id", "channel", "moment", name="uq_messages_target_id_channel_moment"),
        sa.UniqueConstraint("key", name="uq_messages_key"),
    )
    op.create_index(
        "ix_messages_channel_state_due_at", "messages", ["channel", "state", "due_at"], unique=False
    )
    op.create_index("ix_messages_person_written_at", "messages", ["person", "written_at"], unique=False)
    op.create_index("ix_messages_address_written_at", "messages", ["address", "written_at"], unique=False)
    op.create_index("ix_messages_campaign_id", "messages", ["campaign_id"], unique=False)


def _parts() -> None:
    op.create_table(
        "message_parts",
        sa.Column("message_id", RowId, autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gateway", sa.String(length=32), nullable=False),
        sa.Column("gateway_id", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("settled_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_message_parts_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "part", name="pk_message_parts"),
    )
    op.create_index(
        "ix_message_parts_gateway_gateway_id", "message_parts", ["gateway", "gateway_id"], unique=False
    )


def _receipts() -> None:
    op.create_table(
        "message_receipts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("gateway", sa.String(length=32), nullable=False),
        sa.Column("gateway_id", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("told_at", UtcDateTime, nullable=True),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.Column("message_id", RowId, autoincrement=False, nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_message_receipts_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_message_receipts"),
    )
    op.create_index(
        "ix_message_receipts_gateway_gateway_id", "message_receipts", ["gateway", "gateway_id"], unique=False
    )
    op.create_index("ix_message_receipts_message_id", "message_receipts", ["message_id"], unique=False)
