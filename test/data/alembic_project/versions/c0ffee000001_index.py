"""an index that keeps nobody waiting

Revision ID: c0ffee000001
Revises: 8e2d4b6a0c13
Create Date: 2024-03-01 08:00:00

"""
from alembic import op

revision = "c0ffee000001"
down_revision = "8e2d4b6a0c13"


def upgrade():
    op.execute("CREATE TABLE visit (account int, at timestamptz)")
    with op.get_context().autocommit_block():
        op.create_index("visit_account", "visit", ["account"], postgresql_concurrently=True)
        op.execute("VACUUM visit")


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("visit_account", table_name="visit", postgresql_concurrently=True)
    op.drop_table("visit")
