"""Its own table for the version, and names for constraints that have none."""
from alembic import context
from sqlalchemy import MetaData, create_engine

target = MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"})
options = {"target_metadata": target, "version_table": "schema_version"}

if context.is_offline_mode():
    context.configure(url="postgresql://", **options)
    with context.begin_transaction():
        context.execute("SET search_path = public")
        context.run_migrations()
else:
    engine = create_engine(context.get_x_argument(as_dictionary=True)["url"])
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, **options)
        with context.begin_transaction():
            context.run_migrations()
