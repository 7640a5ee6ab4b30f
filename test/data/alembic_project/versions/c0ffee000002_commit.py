"""ends the transaction by itself

Revision ID: c0ffee000002
Revises: 8e2d4b6a0c13
Create Date: 2024-03-02 08:00:00

"""
from alembic import op

revision = "c0ffee000002"
down_revision = "8e2d4b6a0c13"


def upgrade():
    op.execute("COMMIT")
    op.execute("CREATE INDEX CONCURRENTLY account_born ON account (born)")


def downgrade():
    op.execute("DROP INDEX account_born")
