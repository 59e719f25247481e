"""Replay of 100,000 stored decisions in SQLite under two rule sets with quotas: rate and peak memory.

Run with `python -m bench.replay [COUNT]`. The decisions are made up: 97 customers with a quota that is used up; one
mail in six is a reply. Each count is replayed in a process of its own, half as many first: memory that does not grow
between the two is flat.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from mailgateway.adapters.store import open_store
from mailgateway.adapters.store.documents import facts_document
from mailgateway.adapters.store.schema import upgrade
from mailgateway.app.ports import Window
from mailgateway.app.rules.replay import replay
from mailgateway.model.decision import Fact
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.replay import sides
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

COUNT = 100_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=26)  # 100,000 mails are 30 days of them
CUSTOMERS = 97
PROSE = "We upgraded the storage cluster last night and since then the nightly replication takes hours. " * 20
QUOTA = """format = 1
kind = "quota"
[[quota]]
id = "priority-tickets"
when.ticket.is_priority = true
allow = {allow}
per = "calendar month"
used_up.priority.cap_at = 3
used_up.tag = "over-quota"
"""
URGENT = """
[[rule]]
id = "outages"
when.customer.known = true
when.text.mentions = "@outage"
priority.raise_to = 1
"""


def rules(allow: int) -> RuleSet:
    """Return the shipped rules, with a quota and a rule that many mails match."""
    starter = dict(starter_files().files)
    files = {
        **starter,
        "priority.toml": starter["priority.toml"] + URGENT.encode(),
        "quota.toml": QUOTA.format(allow=allow).encode(),
    }
    return load(RuleFiles(tuple(sorted(files.items()))), starter_files()).rules


ALIKE: tuple[tuple[str, Fact], ...] = (
    ("mail.kind", "person"),
    ("mail.kind_reason", ""),
    ("mail.is_answer", False),
    ("mail.no_answer", ""),
    ("mail.answerable", True),
    ("mail.mailbox", "support@example.org"),
    ("mail.to", ("support@example.org",)),
    ("mail.language", "en"),
    ("attachments.count", 1),
    ("attachments.names", ("cluster.log",)),
    ("sender.has_agents_address", False),
    ("customer.known", True),
    ("customer.plan", "gold"),
    ("thread.verified", True),
    ("thread.mentions", 0),
    ("answers.recent", 0),
    ("answers.to_domain", 0),
    ("answers.alike", 0),
    ("usage.priority-tickets", 0),
)
"""Facts that are the same of every mail."""


def facts(number: int) -> tuple[tuple[str, Fact], ...]:
    """Return what the rules saw of the n-th mail."""
    customer, on_ticket = number % CUSTOMERS, number % 6 == 5
    words = "Production is down." if number % 7 == 0 else "It got slow."
    return (
        ("text", f"Cluster {number}\n\n{words} {PROSE}"),
        ("subject", f"Cluster {number}"),
        ("sender.address", f"ops@customer{customer}.example"),
        ("sender.domain", f"customer{customer}.example"),
        ("sender.role", "requester" if on_ticket else "stranger"),
        ("customer.id", f"customer{customer}"),
        ("arrived", (FIRST + number * EVERY).isoformat()),
        ("ticket.found", on_ticket),
        *(_of_ticket(number - 5) if on_ticket else ()),
        *ALIKE,
    )


def _of_ticket(number: int) -> tuple[tuple[str, Fact], ...]:
    return (
        ("ticket.number", number),
        ("ticket.ref", f"SUP-{number}-QX"),
        ("ticket.status", "open"),
        ("ticket.queue", "support"),
        ("ticket.kind", "question"),
        ("ticket.priority", 3),
        ("ticket.is_priority", False),
        ("ticket.priority_by_hand", False),
        ("ticket.tags", ()),
    )


def make(database: Path, count: int) -> None:
    """Make a database with so many recorded decisions, each on a ticket with a few thousand characters of text."""
    upgrade(f"sqlite:///{database}")
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO contact VALUES (1, 'Ops', 'ops@customer.example', NULL, '')")
        for table, rows in (("mail", _mails), ("ticket", _tickets), ("message", _messages), ("ticket_message", _posts)):
            first = next(rows(1))
            columns, marks = ", ".join(first), ", ".join("?" * len(first))
            values = (tuple(row.values()) for row in rows(count))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 -- names of ours
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def _at(number: int) -> str:
    return f"{FIRST + number * EVERY:%Y-%m-%d %H:%M:%S}.000000"


def _mails(count: int) -> Iterator[dict[str, object]]:
    for n in range(1, count + 1):
        place = {"mailbox": "support", "folder": "INBOX", "uidvalidity": 1, "uid": n, "received_at": _at(n)}
        state = {"size_bytes": 4000, "blob": "", "partial": 0, "answerable": 1, "as_person": 0, "state": "processed"}
        work = {"attempts": 1, "running": 0, "reason": "", "traceback": ""}
        yield {"id": n, **place, **state, **work, "now_folder": "", "now_uidvalidity": 0, "now_uid": 0}


def _tickets(count: int) -> Iterator[dict[str, object]]:
    for n in range(1, count + 1):
        what = {"title": "Cluster", "status": "open", "queue": "support", "kind": "question", "priority": 3}
        whose = {"mailbox": "support", "requester": 1, "assignee": "", "priority_by_hand": 0}
        yield {"number": n, "ref": f"SUP-{n}-QX", **what, **whose, "created_at": _at(n), "changed_at": _at(n)}


def _messages(count: int) -> Iterator[dict[str, object]]:
    for n in range(1, count + 1):
        who = {"kind": "person", "kind_reason": "", "no_answer": "", "sender": "ops", "sender_name": ""}
        what = {"recipients": "[]", "subject": "Cluster", "text": PROSE, "document": json.dumps({"body": PROSE})}
        why = {"facts": facts_document(facts(n)), "effects": "[]", "trace": "[]", "revision": "12345678"}
        name = {"id": n, "mail": n, "incoming": 1, "at": _at(n), "message_id": f"m{n}@c.example", "digest": f"{n:x}"}
        yield {**name, **who, **what, **why, "answers": "[]", "tzdata": "2026a", "program": "0"}


def _posts(count: int) -> Iterator[dict[str, object]]:
    for n in range(1, count + 1):
        yield {"ticket": n - 5 if n % 6 == 5 and n > 5 else n, "message": n, "visibility": "public", "verified": 1}


def run(database: Path, count: int) -> None:
    """Replay so many decisions and print the figures; the process is a fresh one."""
    window = Window(FIRST, FIRST + (count + 1) * EVERY)
    both = sides(rules(1), replace(rules(2), revision="edited"))
    idle_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with closing(open_store(f"sqlite:///{database}")) as store:
        began = perf_counter()
        found = replay(store, window, both)
        took_s = perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tallied = found.tallied
    if tallied.mails != count or not tallied.changed:
        raise RuntimeError(f"{tallied.mails} mails were replayed, {tallied.changed} change")
    rate = tallied.mails / took_s
    print(
        f"{tallied.mails:>9,} {tallied.changed:>9,} {took_s:>8.1f} {rate:>12,.0f} {idle_mb:>9.1f} {peak_mb:>9.1f}",
        flush=True,
    )


def main() -> None:
    """Make the database once, and replay half of it and then all of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "decisions.db"
        make(database, count)
        print(f"database {database.stat().st_size / 1024**2:,.0f} MB, two rule sets with one quota each")
        head = ("decisions", "changed", "s", "decisions/s", "before MB", "peak MB")
        print("{:>9} {:>9} {:>8} {:>12} {:>9} {:>9}".format(*head), flush=True)
        for some in (count // 2, count):
            subprocess.run([sys.executable, "-m", "bench.replay", "--run", str(database), str(some)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
