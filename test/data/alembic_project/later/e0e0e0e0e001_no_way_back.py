"""what can't be undone

Revision ID: e0e0e0e0e001
Create Date: 2024-04-01 08:00:00

"""
from alembic import op

revision = "e0e0e0e0e001"
down_revision = "d1d1d1d1d1d1"


def upgrade():
    op.execute("DELETE FROM account WHERE id = 3")


def downgrade():
    raise NotImplementedError("rows are gone")
