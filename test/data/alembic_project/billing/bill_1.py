"""invoices

Revision ID: bill~1
Create Date: 2024-03-01 28:17:17

"""
from alembic import op
import sqlalchemy as sa

revision = "bill~1"
down_revision = None
branch_labels = "billing"
depends_on = ("8e2d4b6a0c13",)


def upgrade():
    op.execute("BEGIN; CREATE TABLE invoice (id int PRIMARY KEY, account int REFERENCES account); COMMIT;")
    op.add_column("invoice", sa.Column("text", sa.Text(), nullable=True, comment="50% 'off'"))


def downgrade():
    print("there it goes")
    op.drop_table("invoice")
