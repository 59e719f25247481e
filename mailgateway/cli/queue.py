"""`mailgateway queue`: mails and where they stand; a person's way to undo an end."""

import shutil
from dataclasses import asdict
from io import BytesIO
from typing import Annotated

import typer

from mailgateway.app.ports import Backlog, Blobs
from mailgateway.cli.history import print_history
from mailgateway.cli.options import Json
from mailgateway.cli.output import note, print_fields, print_json, print_table, print_text
from mailgateway.cli.stores import now, store, store_and_blobs
from mailgateway.model.ledger import FetchedMail, LedgerEntry, MailState

app = typer.Typer(no_args_is_help=True, help="Mails in the ledger: list, show, retry, ignore.")

Mail = Annotated[int, typer.Argument(help="The mail's number in the ledger (see `queue list`).", min=1)]


@app.command("list")
def list_mails(
    ctx: typer.Context,
    state: Annotated[
        list[MailState] | None, typer.Option("--state", "-s", help="Only mails in this state; can be repeated.")
    ] = None,
    mailbox: Annotated[str, typer.Option("--mailbox", "-m", help="Only mails of this mailbox.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, newest first.")] = 50,
    json: Json = False,
) -> None:
    """List mails, newest first, and how many there are in each state."""
    with store(ctx) as opened:
        entries = opened.entries(tuple(state or ()), mailbox, limit)
        backlog = opened.backlog()
    if json:
        print_json(*entries)
        return
    print_table(("mail", "state", "received", "from", "subject", "tickets", "reason"), map(_row, entries))
    note(_totals(backlog))


def _row(entry: LedgerEntry) -> tuple[object, ...]:
    received = entry.received_at.strftime("%Y-%m-%d %H:%M")
    return (entry.id, entry.state, received, entry.sender, entry.subject, entry.tickets, entry.reason)


def _totals(backlog: Backlog) -> str:
    mails = ", ".join(f"{count} {state}" for state, count in backlog.mails) or "none"
    deliveries = ", ".join(f"{count} {state}" for state, count in backlog.deliveries) or "none"
    return f"mails: {mails}; deliveries: {deliveries}"


@app.command()
def show(
    ctx: typer.Context,
    mail: Mail,
    raw: Annotated[bool, typer.Option("--raw", help="Print the bytes of the mail instead.")] = False,
    json: Json = False,
) -> None:
    """Show one mail: where it came from, where it stands, what was done with it, and the last failure."""
    with store_and_blobs(ctx) as (opened, blobs):
        if raw:
            _print_raw(opened.raw(mail), blobs)
            return
        entry = opened.entry(mail)
        history = opened.mail_history(mail)
    if json:
        print_json({**asdict(entry), "events": history})
        return
    where = entry.location
    print_fields(
        {
            "mail": entry.id,
            "state": entry.state,
            "reason": entry.reason,
            "from": entry.sender,
            "subject": entry.subject,
            "received": entry.received_at.isoformat(sep=" ", timespec="seconds"),
            "size": f"{entry.size_bytes} bytes",
            "fetched from": f"{where.mailbox}, {where.folder}, UID {where.uid} (UIDVALIDITY {where.uidvalidity})",
            "attempts": entry.attempts,
            "tickets": entry.tickets,
        }
    )
    if history:
        print_text("")
        print_history(history)
    if entry.traceback:
        print_text("\n" + entry.traceback)


def _print_raw(mail: FetchedMail, blobs: Blobs) -> None:
    """Print the bytes as they were fetched; a large mail piece by piece."""
    with blobs.open(mail.blob) if mail.blob else BytesIO(mail.raw) as stored:
        shutil.copyfileobj(stored, typer.get_binary_stream("stdout"))


@app.command()
def retry(
    ctx: typer.Context,
    mail: Mail,
    as_person: Annotated[
        bool,
        typer.Option("--as-person", help="A person wrote it, whatever it looks like: it becomes a ticket, unanswered."),
    ] = False,
) -> None:
    """Process a mail again that was set aside or ignored."""
    with store(ctx) as opened:
        opened.retry(mail, "admin", now(), as_person=as_person)
    note(f"mail {mail} will be processed again")


@app.command()
def ignore(
    ctx: typer.Context,
    mail: Mail,
    because: Annotated[str, typer.Option("--because", help="Why; it stays with the mail.")],
) -> None:
    """End a mail that was set aside: it stays listed, without a ticket."""
    if not because.strip():
        raise typer.BadParameter("say why", param_hint="--because")
    with store(ctx) as opened:
        opened.ignore(mail, "admin", because.strip(), now())
    note(f"mail {mail} is ignored: {because.strip()}")
