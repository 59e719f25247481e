"""What is timed, each in a process of its own; the last line of output is its peak memory in MiB."""

import email
import email.policy
import resource
import sqlite3
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import imapclient

from mailgateway import log
from mailgateway.adapters.files import load_config
from mailgateway.daemon import Daemon, open_parts


def gateway(config: str) -> None:
    """Run the daemon from the moment it says until it is told to stop."""
    log.configure("json", "error")
    parts = open_parts(load_config(Path(config)))
    daemon = Daemon(parts)
    _say(time.monotonic())
    daemon.start()
    sys.stdin.readline()
    daemon.stop()
    parts.close()


def bare(database: str, port: str, user: str) -> None:
    """Fetch, parse and commit one mail after the other: what the simplest possible loop costs; say the seconds."""
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
    _say(time.perf_counter() - began)


def _say(figure: float) -> None:
    print(figure, flush=True)


def _parsed(raw: bytes) -> tuple[str, str, str]:
    message: EmailMessage = email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[assignment]
    body = message.get_body(("plain", "html"))
    return str(message["Subject"]), str(message["From"]), body.get_content() if body else ""


if __name__ == "__main__":
    {"gateway": gateway, "bare": bare}[sys.argv[1]](*sys.argv[2:])
    _say(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
