"""Play six mails through the whole gateway and show what became of each."""

import shutil
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mailgateway import log
from mailgateway.adapters.files import LoadedConfig, load_config
from mailgateway.daemon import Parts, open_parts, run_once
from mailgateway.demo.mails import FOLLOWING, SUPPORT, Told, new_problem
from mailgateway.demo.servers import MailServers, SentMail, mail_servers
from mailgateway.errors import MailgatewayError
from mailgateway.model.ledger import LedgerEntry
from mailgateway.model.ticket import Event, EventKind

STATE = Path("demo-state")
MARK = "# written by the demo, which overwrites it\n"
CONFIG = """{mark}
[site]
name = "Demo Support"
host = "demo.example"

[[mailbox]]
name = "support"
address = "{address}"
plus_addressing = true

[mailbox.imap]
host = "127.0.0.1"
port = {imap_port}
security = "none"
user = "{user}"
password_file = "password"

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[[agent]]
id = "olga"
name = "Olga"
addresses = ["olga@demo.example"]

[http]
enabled = false
"""
SHOWN_LINES = 25
"""Of each mail that goes out."""
TELLING = (EventKind.OPENED, EventKind.MESSAGE, EventKind.NOT_ANSWERED, EventKind.LINKED)
"""The events that say why something became of a mail."""


def main() -> int:
    """Run the demo; return the exit code."""
    console = Console(highlight=False)
    log.configure("auto", "error")
    try:
        with mail_servers() as servers:
            loaded = _configuration(servers)
            _play_all(console, servers, loaded)
    except MailgatewayError as error:
        Console(stderr=True, highlight=False).print(f"error: {error}", markup=False)
        return 1
    _say_next(console, loaded)
    return 0


def _play_all(console: Console, servers: MailServers, loaded: LoadedConfig) -> None:
    parts = open_parts(loaded)
    try:
        _play(console, servers, parts)
    finally:
        parts.close()


def _configuration(servers: MailServers) -> LoadedConfig:
    """Write a configuration into a fresh state folder and load it as the program does."""
    path = STATE / "config.toml"
    if STATE.exists():
        if not (path.exists() and path.read_text(encoding="utf-8").startswith(MARK)):
            raise MailgatewayError(f"{STATE} exists and is not the demo's; move it away")
        shutil.rmtree(STATE)
    STATE.mkdir(mode=0o700)
    (STATE / "password").write_text(servers.password + "\n", encoding="utf-8")
    (STATE / "password").chmod(0o600)
    text = CONFIG.format(
        mark=MARK,
        address=SUPPORT,
        imap_port=servers.imap_port,
        smtp_port=servers.smtp_port,
        user=servers.user,
    )
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def _play(console: Console, servers: MailServers, parts: Parts) -> None:
    _one_mail(console, servers, parts, ("a new problem", new_problem()))
    first = parts.store.tickets()[0]
    told = Told(first, _message_id(servers.sink.mails[0]))
    for title, mail in FOLLOWING:
        _one_mail(console, servers, parts, (title, mail(told)))


def _one_mail(console: Console, servers: MailServers, parts: Parts, mail: tuple[str, bytes]) -> None:
    """Deliver one mail, let the gateway do its work, show what happened."""
    title, raw = mail
    sent_before = len(servers.sink.mails)
    servers.deliver(raw)
    for problem in run_once(parts):
        raise MailgatewayError(problem)
    entry = parts.store.entries(limit=1)[0]
    shown = Group(_mail_came(raw), Text(), _became(parts, entry), Text(), *_went_out(servers.sink.mails[sent_before:]))
    console.print(Panel(shown, title=f"mail {entry.id}: {title}", title_align="left"))


def _mail_came(raw: bytes) -> Text:
    message = _parsed(raw)
    words = str(message.get_content()).strip().partition("\n\nOn Monday")[0]
    return Text.assemble(
        ("came in   ", "bold"),
        f"{message['From']}\n          {message['Subject']}\n\n",
        (_indented(words), "dim"),
    )


def _became(parts: Parts, entry: LedgerEntry) -> Table:
    """Return the state of the mail, its ticket and why, from the store."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="bold", min_width=9)
    table.add_column()
    table.add_row("became", f"{entry.state}{': ' + entry.reason if entry.reason else ''}")
    for number in entry.tickets:
        ticket = parts.store.ticket(str(number))
        table.add_row("ticket", Text(f"{ticket.ref}  {ticket.title}  ({ticket.status})", style="green"))
        for event in parts.store.history(number):
            if event.mail == entry.id and event.kind in TELLING:
                table.add_row("because", _why(event))
    return table


def _why(event: Event) -> str:
    return f"{event.because} ({event.kind}, {event.actor})"


def _went_out(mails: list[SentMail]) -> list[Text]:
    if not mails:
        return [Text.assemble(("went out  ", "bold"), "nothing")]
    return [
        Text.assemble(
            ("went out  ", "bold"),
            f"to {', '.join(mail.recipients)}, envelope sender <{mail.envelope_sender}>\n",
            f"          {_parsed(mail.raw)['Subject']}\n\n",
            (_indented(_beginning(mail)), "dim"),
            "\n",
        )
        for mail in mails
    ]


def _beginning(mail: SentMail) -> str:
    """Return the first lines of what we wrote."""
    body = _parsed(mail.raw).get_body(("plain",))
    lines = str(body.get_content()).strip().splitlines() if body else []
    return "\n".join((*lines[:SHOWN_LINES], *(["..."] if len(lines) > SHOWN_LINES else [])))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _message_id(mail: SentMail) -> str:
    return str(_parsed(mail.raw)["Message-ID"]).strip("<>")


def _say_next(console: Console, loaded: LoadedConfig) -> None:
    program = Path(sys.executable).with_name("mailgateway")
    shown = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program.name
    command = f"{shown} -c {STATE / loaded.path.name}"
    console.print(f"The database is in {STATE}. Try next:", style="bold")
    for words in ("ticket list", "ticket show 1", "queue list"):
        console.print(f"  {command} {words}")


if __name__ == "__main__":
    sys.exit(main())
