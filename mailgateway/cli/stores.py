"""The way from the command line to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer

from mailgateway.adapters.store import open_store
from mailgateway.app.ports import Store
from mailgateway.cli.options import configuration


@contextmanager
def store(ctx: typer.Context) -> Iterator[Store]:
    """Open the configured database for one command.

    Raises:
        ConfigError: The configuration cannot be used.
        TemporaryError: The database does not answer.
        PermanentError: Its schema is not this program's (`mailgateway db upgrade`).
    """
    opened = open_store(configuration(ctx).database_url)
    try:
        yield opened
    finally:
        opened.close()


def now() -> datetime:
    """Return the present moment, aware, UTC."""
    return datetime.now(UTC)
