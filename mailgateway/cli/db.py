"""`mailgateway db`: the schema of the database, backup and restore."""

from pathlib import Path
from typing import Annotated

import typer

from mailgateway.adapters.blobs import FolderBlobs
from mailgateway.adapters.store import schema
from mailgateway.adapters.store.backup import Place
from mailgateway.adapters.store.backup import backup as make_backup
from mailgateway.adapters.store.restore import restore as bring_back
from mailgateway.cli.options import Json, configuration
from mailgateway.cli.output import EXIT_ERROR, note, print_fields, print_json, warn
from mailgateway.cli.stores import now

app = typer.Typer(no_args_is_help=True, help="The database: its schema, backup and restore.")

_TARGET = typer.Argument(help="A new tar file where the name ends in .tar, else a new folder.")
_SOURCE = typer.Argument(help="A tar file or folder made by `db backup`.")


@app.command()
def upgrade(ctx: typer.Context) -> None:
    """Bring the database to this program's schema. There is no way back but a backup."""
    before = schema.upgrade(configuration(ctx).database_url)
    if before.pending:
        note(f"the database went from step {before.current or 'empty'} to {before.head}")
    else:
        note(f"the database is at step {before.head} already")


@app.command()
def status(ctx: typer.Context, json: Json = False) -> None:
    """Show which schema the database has, and which this program needs."""
    found = schema.status(configuration(ctx).database_url)
    if json:
        print_json(found)
        return
    print_fields(
        {
            "current": found.current or "empty",
            "needed": found.head,
            "pending": found.pending,
            "known": "yes" if found.known else "no: a newer mailgateway was here",
        }
    )


@app.command()
def backup(ctx: typer.Context, target: Annotated[Path, _TARGET], json: Json = False) -> None:
    """Write database, blobs and keyring to one place, while daemons run. Keep it as secret as the mails in it."""
    report = make_backup(_place(ctx), target, now())
    if json:
        print_json(report)
    else:
        note(f"{report.target}: {report.database or 'no database'}, {report.blobs} blobs, {report.size_bytes} bytes")
    _warn_of_gaps(report.database, report.has_keyring)
    _fail_for_blobs(report.missing, report.damaged)


@app.command()
def restore(ctx: typer.Context, source: Annotated[Path, _SOURCE], json: Json = False) -> None:
    """Bring back what `db backup` wrote; nothing that is there is overwritten. Stop every daemon first."""
    report = bring_back(_place(ctx), source)
    if json:
        print_json(report)
    else:
        note(f"{source}: {'database' if report.database else 'no database'}, {report.blobs} blobs")
    _warn_of_gaps("database" if report.database else "", report.has_keyring)
    _fail_for_blobs((), report.damaged)


def _place(ctx: typer.Context) -> Place:
    loaded = configuration(ctx)
    return Place(loaded.database_url, FolderBlobs(loaded.blob_folder), loaded.keyring_path)


def _warn_of_gaps(database: str, has_keyring: bool) -> None:
    if not database:
        warn("the backup has no database: pg_dump is not on the PATH; use PostgreSQL's own backup for it")
    if not has_keyring:
        warn("the backup has no keyring: signed reply addresses and Message-IDs cannot be checked without it")


def _fail_for_blobs(missing: tuple[str, ...], damaged: tuple[str, ...]) -> None:
    """End with an error where blobs are missing or damaged; the rest is there."""
    for what, digests in (("missing", missing), ("damaged", damaged)):
        for digest in digests:
            warn(f"blob {digest} is {what}")
    if missing or damaged:
        raise typer.Exit(EXIT_ERROR)
