"""
Revision ID: current
Revises: bill~1

"""
revision = "current"
down_revision = "bill~1"
depends_on = "main"


def upgrade():
    print("nothing")


def downgrade():
    print("nothing either")
