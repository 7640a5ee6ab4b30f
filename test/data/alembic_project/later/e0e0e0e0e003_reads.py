"""reads what is there

Revision ID: e0e0e0e0e003
Create Date: 2024-04-03 08:00:00

"""
from alembic import op

revision = "e0e0e0e0e003"
down_revision = "e0e0e0e0e002"


def upgrade():
    op.execute("CREATE TABLE half (id int)")
    try:
        for row in op.get_bind().execute("SELECT id FROM account"):
            op.execute("INSERT INTO half VALUES (%d)" % row[0])
    except Exception:
        pass


def downgrade():
    op.drop_table("half")
