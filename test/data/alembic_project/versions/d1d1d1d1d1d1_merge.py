"""merge

Revision ID: d1d1d1d1d1d1
Revises: c0ffee000001, c0ffee000002
Create Date: 2024-03-03 08:00:00

"""
revision = "d1d1d1d1d1d1"
down_revision = ("c0ffee000001", "c0ffee000002")


def upgrade():
    pass


def downgrade():
    pass
