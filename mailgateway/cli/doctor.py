"""`mailgateway doctor`: check everything, change nothing."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer
from sqlalchemy.engine import make_url

from mailgateway.adapters import imap, smtp
from mailgateway.adapters.files import LoadedConfig, load_config, load_keyring, load_templates
from mailgateway.adapters.store import schema
from mailgateway.app.doctor import (
    DatabaseSeen,
    FileSeen,
    Finding,
    Level,
    MailboxSeen,
    RulesSeen,
    Surroundings,
    diagnose,
)
from mailgateway.app.rules.build import Refusal, build
from mailgateway.cli.options import Json, options
from mailgateway.cli.output import EXIT_ERROR, print_json, print_text
from mailgateway.config import MailboxConfig
from mailgateway.daemon.parts import rule_places
from mailgateway.diagnostics import DiagnosedError
from mailgateway.errors import ConfigError, MailgatewayError


def register(app: typer.Typer) -> None:
    """Add `doctor` to the program."""
    app.command()(doctor)


def doctor(ctx: typer.Context, json: Json = False) -> None:
    """Check configuration, files, database, mailboxes and the relay, logins included; change nothing.

    One line a check: ok, warning or error, and what to do. Exit code 1 where there is an error.
    """
    failed = False
    for finding in _findings(options(ctx).config, json=json):
        failed |= finding.level is Level.ERROR
        if json:
            print_json(finding)
        else:
            _print(finding)
    if failed:
        raise typer.Exit(EXIT_ERROR)


def _print(finding: Finding) -> None:
    advice = f" -> {finding.advice}" if finding.advice else ""
    print_text(f"{finding.level:<8} {finding.check}: {finding.text}{advice}")


def _findings(path: Path, *, json: bool) -> Iterator[Finding]:
    """Yield all findings; a configuration that cannot be read is the only one, for people with its lines.

    Raises:
        ConfigError: The configuration cannot be used, and people read.
    """
    try:
        loaded = load_config(path)
    except ConfigError as error:
        if not json:
            raise
        yield from _faults(error)
        return
    for warning in loaded.warnings:
        advice = "; ".join(warning.help)
        yield Finding("configuration", Level.WARNING, f"{warning.position}: {warning.message}", advice)
    yield from diagnose(_surroundings(loaded))


def _faults(error: ConfigError) -> Iterator[Finding]:
    if not isinstance(error, DiagnosedError):
        yield Finding("configuration", Level.ERROR, str(error))
        return
    for fault in error.diagnostics:
        yield Finding("configuration", Level.ERROR, f"{fault.position}: {fault.message}", "; ".join(fault.help))


def _surroundings(loaded: LoadedConfig) -> Surroundings:
    config = loaded.config
    addresses = tuple(mailbox.address for mailbox in config.mailbox)
    return Surroundings(
        config=config,
        now=datetime.now(UTC),
        password_for=loaded.password_for,
        files=partial(_files, loaded),
        database=partial(_database, loaded.database_url),
        templates=lambda: load_templates(loaded).problems,
        rules=partial(_rules, loaded),
        mailbox=_mailbox,
        relay=lambda password: smtp.probe(config.smtp, password, addresses),
    )


def _rules(loaded: LoadedConfig) -> RulesSeen | None:
    places = rule_places(loaded)
    if places is None:
        return None
    status = places.notes.status()
    in_force = status.revision if status else ""
    try:
        files = places.source.read()
    except MailgatewayError as error:
        return RulesSeen(places.source.described, "", problem=str(error).splitlines()[0], in_force=in_force)
    built = build(files, places.folder)
    if isinstance(built, Refusal):
        return RulesSeen(places.source.described, files.revision, problem=built.summary, in_force=in_force)
    count = sum(map(len, built.rules.values()))
    return RulesSeen(places.source.described, files.revision, count, in_force=in_force)


def _mailbox(mailbox: MailboxConfig, password: str) -> MailboxSeen:
    polled = [folder.name for folder in mailbox.folders]
    destinations = [mailbox.processed_folder, mailbox.set_aside_folder, mailbox.oversize_folder]
    return imap.examine(mailbox.imap, password, polled, destinations)


def _files(loaded: LoadedConfig) -> tuple[FileSeen, ...]:
    return (
        _folder("state folder", loaded.state_folder),
        _folder("blob folder", loaded.blob_folder),
        _keyring(loaded.keyring_path),
    )


def _folder(what: str, path: Path) -> FileSeen:
    """Look at a folder by its permissions alone: a file written for a try could be left behind."""
    there = next(each for each in (path, *path.parents) if each.exists())
    problem = ""
    if not there.is_dir():
        problem = f"{there} is no folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        problem = f"{there} cannot be written to by this user"
    return FileSeen(what, str(path), path.exists(), problem)


def _keyring(path: Path) -> FileSeen:
    if not path.exists():
        return FileSeen("keyring", str(path), exists=False)
    try:
        load_keyring(path)
    except ConfigError as error:
        return FileSeen("keyring", str(path), exists=True, problem=str(error).removeprefix(f"{path}: "))
    return FileSeen("keyring", str(path), exists=True)


def _database(address: str) -> DatabaseSeen:
    url = make_url(address)
    is_file = url.get_backend_name() == "sqlite" and url.database
    where = url.database if is_file and url.database else url.render_as_string(hide_password=True)
    if is_file and not Path(where).exists():
        return DatabaseSeen(where, exists=False)  # to connect would make the file
    found = schema.status(address)
    return DatabaseSeen(where, exists=True, current=found.current, pending=len(found.pending), known=found.known)
