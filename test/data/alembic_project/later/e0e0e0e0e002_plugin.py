"""with a plug-in that nobody has

Revision ID: e0e0e0e0e002
Create Date: 2024-04-02 08:00:00

"""
from alembic import op
from no_such_plugin import CITEXT

revision = "e0e0e0e0e002"
down_revision = "e0e0e0e0e001"


def upgrade():
    op.alter_column("account", "name", type_=CITEXT())
