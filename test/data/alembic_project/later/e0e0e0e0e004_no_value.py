"""a parameter without a value

Revision ID: e0e0e0e0e004
Create Date: 2024-04-04 08:00:00

"""
from alembic import op

revision = "e0e0e0e0e004"
down_revision = "e0e0e0e0e003"


def upgrade():
    op.execute("UPDATE account SET name = :name")


def downgrade():
    op.drop_constraint(None, "account")
