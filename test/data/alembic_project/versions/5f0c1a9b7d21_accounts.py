"""accounts, and
what belongs to them

They are the beginning.

Revision ID: 5f0c1a9b7d21
Revises:
Create Date: 2024-01-05 10:15:30.123456

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5f0c1a9b7d21"
down_revision = None
branch_labels = ("main", "core-team")
depends_on = None


def upgrade():
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default="100% o'clock \\ :x"),
        sa.Column("kind", sa.Enum("person", "company", name="account_kind"), nullable=False),
        sa.Column("born", sa.Date),
        sa.Column("seen", sa.DateTime(timezone=True)),
        sa.Column("data", postgresql.JSONB),
        sa.Column("photo", sa.LargeBinary),
        sa.Column("balance", sa.Numeric(12, 2)),
        sa.Column("tags", postgresql.ARRAY(sa.Text)),
        sa.Column("token", postgresql.UUID(as_uuid=True)),
        sa.Column("active", sa.Boolean),
        sa.CheckConstraint("name NOT LIKE '!%%' ESCAPE '!'", name="name_begins_with_no_percent"),
    )
    op.create_unique_constraint(None, "account", ["name"])


def downgrade():
    op.drop_table("account")
    sa.Enum(name="account_kind").drop(op.get_bind(), checkfirst=True)
