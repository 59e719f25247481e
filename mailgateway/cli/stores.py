"""The way from the command line to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer

from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.adapters.files import LoadedConfig
from mailgateway.adapters.store import open_store
from mailgateway.app.ports import Blobs, Store
from mailgateway.cli.options import configuration


@contextmanager
def store(ctx: typer.Context) -> Iterator[Store]:
    """Open the configured database for one command.

    Raises:
        ConfigError: The configuration cannot be used.
        TemporaryError: The database does not answer.
        PermanentError: Its schema is not this program's (`mailgateway db upgrade`).
    """
    with store_and_config(ctx) as (opened, _):
        yield opened


@contextmanager
def store_and_config(ctx: typer.Context) -> Iterator[tuple[Store, LoadedConfig]]:
    """Open the configured database, and give the configuration with it; raises as `store` does."""
    loaded = configuration(ctx)
    opened = open_store(loaded.database_url)
    try:
        yield opened, loaded
    finally:
        opened.close()


@contextmanager
def store_and_blobs(ctx: typer.Context) -> Iterator[tuple[Store, Blobs]]:
    """Open the configured database, and the folder of large mails beside it; raises as `store` does."""
    with store_and_config(ctx) as (opened, loaded):
        yield opened, FolderBlobs(loaded.blob_folder)


def now() -> datetime:
    """Return the present moment, aware, UTC."""
    return datetime.now(UTC)
