"""Where do the migrations run? On the connection, and in the transaction, that the caller hands over.

Alembic loads this file by its path while it runs a command. Schema changes are transactional on both
databases, so a process killed in the middle of a migration leaves the old schema untouched.
"""

from alembic import context

from engine.adapters.sql_tables import metadata


def run() -> None:
    """Run the migrations on ``config.attributes["connection"]``."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,
    )
    context.run_migrations()


if hasattr(context, "config"):  # only while Alembic runs a command
    run()
