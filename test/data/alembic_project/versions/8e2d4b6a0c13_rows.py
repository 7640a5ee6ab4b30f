"""rows: parameters of all kinds

Revision ID: 8e2d4b6a0c13
Revises: 5f0c1a9b7d21
Create Date: 2024-02-11 09:00:00+02:00

"""
import datetime
import decimal
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8e2d4b6a0c13"
down_revision = "5f0c1a9b7d21"

account = sa.table(
    "account", sa.column("id", sa.Integer), sa.column("name", sa.Text), sa.column("kind", sa.Text),
    sa.column("born", sa.Date), sa.column("data", postgresql.JSONB))


def upgrade():
    op.execute("ALTER TABLE account ALTER kind TYPE text; DROP TYPE account_kind;")
    bind = op.get_bind()
    bind.execute(
        sa.text("INSERT INTO account (id, name, kind, born, seen, photo, balance, tags, token, active)"
                " VALUES (:id, :name, 'person', :born, :seen, :photo, :balance, :tags, :token, :active)"),
        {
            "id": 1, "name": "O'Brien \\ 50%\t:id %(id)s $$", "born": datetime.date(1999, 12, 31),
            "seen": datetime.datetime(2024, 2, 11, 9, tzinfo=datetime.timezone.utc), "photo": b"\0'\\\xff",
            "balance": decimal.Decimal("-12.50"), "tags": ["a'b", None, "%s"],
            "token": str(uuid.UUID(int=7)), "active": True,
        },
    )
    bind.execute(
        sa.text("INSERT INTO account (id, name, kind, born, active) VALUES (:id, :name, :kind, :born, :active)"),
        [{"id": 2, "name": "two", "kind": "company", "born": None, "active": False},
         {"id": 3, "name": "three; -- no comment", "kind": "person", "born": None, "active": None}],
    )
    op.bulk_insert(account, [
        {"id": 4, "name": "fo'ur", "kind": "person", "born": datetime.date(2000, 2, 29), "data": {"a": "it's %"}},
        {"id": 5, "name": "five", "kind": "person", "born": None, "data": None}])
    op.execute(account.update().where(account.c.name.like("%'ur")).values(name=op.inline_literal("4%")))
    op.execute(account.update().where(account.c.id.in_([2, 3])).values(kind=sa.bindparam("k", "com:pany")))
    bind.exec_driver_sql("UPDATE account SET balance = %(b)s WHERE name LIKE 't%%'", {"b": 7})
    op.execute("UPDATE account SET name = name || ' %' WHERE id = 5 -- no \\:parameter")
    op.execute("""
        CREATE FUNCTION shout(t text) RETURNS text LANGUAGE sql AS $$ SELECT upper(t); SELECT t || '!;' $$;
        UPDATE account SET data = '{"k": ";"}' WHERE id = 1;
    """)


def downgrade():
    op.execute("DROP FUNCTION shout(text)")
    op.execute(account.delete())
    op.execute("CREATE TYPE account_kind AS ENUM ('person', 'company')")
    op.execute("ALTER TABLE account ALTER kind TYPE account_kind USING kind::account_kind")
