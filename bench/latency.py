"""How long a customer waits for the acknowledgement: Postfix, Dovecot, the gateway, Postfix, the customer's Dovecot.

Twenty mails, one after the other; beside each, a mail that goes the same way to the customer without the gateway, so
that what the mail system itself takes can be told apart. The aim is a median of at most 2 s.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.rulebooks import write_rules
from tests.servers import Dovecot, Postfix

ROUNDS = 20
GIVE_UP_S = 30.0
SUPPORT = "support@gateway.test"
CUSTOMER = "anna@customer.test"
CONFIG = """
[site]
host = "gateway.test"

[[mailbox]]
name = "support"
address = "{support}"

[mailbox.imap]
host = "127.0.0.1"
port = {imap_port}
security = "none"
user = "{support}"
password_env = "BENCH_PASSWORD"

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[rules]
folder = "rules"

[http]
enabled = false

[log]
level = "error"
"""


def main() -> None:
    """Run it and print the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers run as other users
        dovecot = Dovecot(folder / "dovecot")
        dovecot.start()
        postfix = Postfix(folder / "postfix", dovecot.lmtp_port)
        try:
            postfix.start()
            figures = _measured(folder, dovecot, postfix)
        finally:
            postfix.stop()
            dovecot.stop()
    for what, value in figures.items():
        print(f"{what:60} {value}")
    print(json.dumps(figures))


def _measured(folder: Path, dovecot: Dovecot, postfix: Postfix) -> dict[str, float]:
    config = folder / "config.toml"
    write_rules(config.parent / "rules")
    config.write_text(CONFIG.format(support=SUPPORT, imap_port=dovecot.imap_port, smtp_port=postfix.port))
    command = [sys.executable, "-m", "mailgateway", "--config", str(config), "run"]
    daemon = subprocess.Popen(command, env={**os.environ, "BENCH_PASSWORD": "secret"})
    try:
        _round(dovecot, postfix, SUPPORT, 0)  # the first mail waits for the start of the daemon
        pairs = [
            (_round(dovecot, postfix, SUPPORT, number), _round(dovecot, postfix, CUSTOMER, number))
            for number in range(1, ROUNDS + 1)
        ]
    finally:
        daemon.terminate()
        daemon.wait(10)
    answered = [ours for ours, _ in pairs]
    return {
        "mail to acknowledgement, median, s (aim: at most 2)": round(median(answered), 3),
        "mail to acknowledgement, longest, s": round(max(answered), 3),
        "the same way without the gateway, median, s": round(median(direct for _, direct in pairs), 3),
    }


def _round(dovecot: Dovecot, postfix: Postfix, recipient: str, number: int) -> float:
    """Send one mail; return the seconds until one more mail lies in the customer's mailbox."""
    before = len(dovecot.mails(CUSTOMER))
    mail = (
        f"From: Anna <{CUSTOMER}>\r\nTo: <{recipient}>\r\nSubject: Printer {number}\r\n"
        f"Message-ID: <{number}.{time.monotonic_ns()}@customer.test>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\n"
        "It prints blank pages.\r\n"
    )
    began = time.monotonic()
    postfix.send(CUSTOMER, [recipient], mail.encode())
    with dovecot.imap(CUSTOMER) as connection:
        while time.monotonic() - began < GIVE_UP_S:
            if connection.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"] > before:
                return time.monotonic() - began
            time.sleep(0.005)
    raise SystemExit(f"no answer to mail {number} within {GIVE_UP_S:.0f} s")


if __name__ == "__main__":
    main()
