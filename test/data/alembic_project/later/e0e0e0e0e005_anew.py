"""a value that is made anew each time

Revision ID: e0e0e0e0e005
Create Date: 2024-04-05 08:00:00

"""
import uuid

from alembic import op

revision = "e0e0e0e0e005"
down_revision = "e0e0e0e0e004"


def upgrade():
    op.execute("UPDATE account SET token = '%s'" % uuid.uuid4())


def downgrade():
    op.execute("SELECT 1")
    op.get_bind().engine.dialect.has_table(op.get_bind(), "account")
