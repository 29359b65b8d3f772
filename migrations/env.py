"""Alembic's way in. Milepost runs migrations itself, before every start and on `python -m bot migrate`."""

from alembic import context

from bot.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
