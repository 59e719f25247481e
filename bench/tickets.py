"""A SQLite database that has seen many tickets, made in seconds by SQL: each with mail, history and acknowledgement."""

import shutil
import sqlite3
from pathlib import Path

from mailgateway.adapters.files import load_config
from mailgateway.adapters.store.schema import upgrade

FIRST = 1_000_000
"""Where the made-up numbers begin: far above what a run takes from the counters."""
AT = "datetime('2026-01-01', '+' || n || ' seconds') || '.000000'"
ROWS = {
    "contact": "n, 'Person ' || n, 'person' || n || '@customer' || (n % 997) || '.example', NULL, ''",
    "mail": f"n, 'support', 'INBOX', 1, n, {AT}, 4000, '', 0, 1, 0, 'processed', 1, 0, NULL, '', '', NULL, {AT}, "
    "'', 0, 0",
    "raw_mail": "n, zeroblob(4000)",
    "ticket": f"n, 'SUP-' || n || '-QX', 'Printer prints blank pages ' || n, 'open', 'support', 'question', 3, "
    f"'support', NULL, n, NULL, {AT}, {AT}, '', 0",
    "ticket_ref": "'SUP-' || n || '-QX', n",
    "participant": "n, 0, 'person' || n || '@customer' || (n % 997) || '.example'",
    "outbox": f"n, n, 'acknowledgement', '', 't' || n || '.o' || n || '.mac@gateway.test', {AT}, 'done', 1, {AT}",
    "raw_outbox": "n, zeroblob(3000)",
    "outbox_recipient": "n, 0, 'person' || n || '@c.example', 'person' || n || '@c.example', "
    f"'sent', 250, 'ok', {AT}, NULL, {AT}, 'c.example'",
    "message": f"n, n, NULL, 1, {AT}, 'm' || n || '@customer.example', hex(n), 'person', '', '', 'person' || n, '', "
    "'[]', 'Printer', 'It prints blank pages', '{}', '[]', '[]', '[]', 'built-in 1', "
    "'[]', '', '', 'person' || n || '@c.example'",
    "ticket_message": "n, n, 'public', 1",
}
EVENTS = 4
"""Rows of history for each ticket."""


def fill_with_tickets(config: Path, count: int) -> None:
    """Make the configured database, with so many tickets in it.

    Args:
        config: The configuration file; the database must be SQLite in its state folder.
        count: How many tickets; a database of this size is made once and then copied.
    """
    database = load_config(config).state_folder / "gateway.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    made = config.parent.parent / f"tickets-{count}.db"
    if not made.exists():
        _make(made, count)
    shutil.copyfile(made, database)


def _make(database: Path, count: int) -> None:
    upgrade(f"sqlite:///{database}")
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN")
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT {FIRST} UNION ALL SELECT n + 1 FROM numbers LIMIT {count})"  # noqa: S608 -- numbers of ours
    if count:
        for table, values in ROWS.items():
            connection.execute(f"INSERT INTO {table} {numbers} SELECT {values} FROM numbers")  # noqa: S608 -- likewise
        for _ in range(EVENTS):
            event = f"{AT}, 'opened', 'rule:new-ticket', 'names no ticket', n, n, '[]'"
            columns = "at, kind, actor, because, ticket, mail, details"
            connection.execute(f"INSERT INTO event ({columns}) {numbers} SELECT {event} FROM numbers")  # noqa: S608 -- likewise
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
