"""What is timed, each in a process of its own: `python -m bench.contenders gateway|bare ...` prints one line of JSON."""

import email
import email.policy
import json
import resource
import sqlite3
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import imapclient

from mailgateway import log
from mailgateway.adapters.files import load_config
from mailgateway.app.ports import Store
from mailgateway.daemon import Daemon, open_parts

LOOK_S = 0.02


def gateway(config: str, count: str) -> float:
    """Run the daemon until every mail is processed and every answer is sent; return the seconds."""
    log.configure("json", "error")
    parts = open_parts(load_config(Path(config)))
    before = _done(parts.store)
    daemon = Daemon(parts)
    began = time.perf_counter()
    daemon.start()
    while _done(parts.store) - before < 2 * int(count):
        time.sleep(LOOK_S)
    seconds = time.perf_counter() - began
    daemon.stop()
    return seconds


def _done(store: Store) -> int:
    """Return how many mails are at their end and how many answers are sent, in sum."""
    backlog = store.backlog()
    return dict(backlog.mails).get("processed", 0) + dict(backlog.deliveries).get("sent", 0)


def bare(database: str, port: str, user: str) -> float:
    """Fetch, parse and commit one mail after the other: what the simplest possible loop costs; return the seconds."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE mail (uid INTEGER PRIMARY KEY, subject TEXT, sender TEXT, body TEXT)")
    began = time.perf_counter()
    with imapclient.IMAPClient("127.0.0.1", int(port), ssl=False) as client:
        client.login(user, "secret")
        client.select_folder("INBOX")
        for uid in client.search():
            raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
            connection.execute("INSERT INTO mail VALUES (?, ?, ?, ?)", (uid, *_parsed(raw)))
    return time.perf_counter() - began


def _parsed(raw: bytes) -> tuple[str, str, str]:
    message: EmailMessage = email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[assignment]
    body = message.get_body(("plain", "html"))
    return str(message["Subject"]), str(message["From"]), body.get_content() if body else ""


if __name__ == "__main__":
    seconds = {"gateway": gateway, "bare": bare}[sys.argv[1]](*sys.argv[2:])
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib}))
