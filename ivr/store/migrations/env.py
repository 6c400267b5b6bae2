"""Runs the migrations on the connection that `ivr.store.upgrading` hands over."""

from alembic import context

from ivr.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
