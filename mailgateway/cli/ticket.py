"""`mailgateway ticket`: tickets as agents and operators see and change them."""

from typing import Annotated

import typer

from mailgateway.app import desk
from mailgateway.app.ports import TicketMessage
from mailgateway.cli import ticket_split
from mailgateway.cli.by_hand import Because, By, Name, at_desk, parts_of
from mailgateway.cli.history import print_history
from mailgateway.cli.options import Json
from mailgateway.cli.output import note, print_fields, print_json, print_table, print_text
from mailgateway.cli.stores import now, store
from mailgateway.errors import PermanentError
from mailgateway.model.quota import QuotaRecord
from mailgateway.model.ticket import Event, EventKind, Status, Ticket

app = typer.Typer(no_args_is_help=True, help="Tickets: list, show, change by hand.")

LIVING = (Status.NEW, Status.OPEN, Status.WAITING, Status.HELD, Status.RESOLVED)
"""What `list` shows when nothing is asked for."""


@app.command("list")
def list_tickets(
    ctx: typer.Context,
    status: Annotated[
        list[Status] | None, typer.Option("--status", "-s", help="Only tickets in this status; can be repeated.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", "-a", help="Closed and merged ones too.")] = False,
    customer: Annotated[str, typer.Option("--customer", help="Only tickets of this customer.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, latest change first.")] = 50,
    json: Json = False,
) -> None:
    """List tickets, latest change first."""
    statuses = tuple(status) if status else () if every else LIVING
    with store(ctx) as opened:
        tickets = opened.tickets(statuses, customer, limit)
    if json:
        print_json(*tickets)
        return
    columns = ("ticket", "status", "prio", "changed", "requester", "customer", "title")
    print_table(columns, map(_row, tickets))


def _row(ticket: Ticket) -> tuple[object, ...]:
    changed = ticket.changed_at.strftime("%Y-%m-%d %H:%M")
    return (
        ticket.ref,
        ticket.status,
        ticket.priority,
        changed,
        ticket.requester_address,
        ticket.customer,
        ticket.title,
    )


@app.command()
def show(ctx: typer.Context, ticket: Name, json: Json = False) -> None:
    """Show a ticket with its messages and its history."""
    with store(ctx) as opened:
        found = opened.ticket(ticket)
        messages = opened.messages(found.number)
        history = opened.history(found.number)
        quota = opened.quota(found.number)
        parts = parts_of(opened, found.number)
    if json:
        print_json({"ticket": found, "messages": messages, "events": history, "quota": quota, "parts": parts})
        return
    _print_ticket(found)
    if parts:
        print_text("")
        rows = ((one.message, f"{one.part} of {one.of}", one.ticket, one.status, one.title) for one in parts)
        print_table(("message", "part", "ticket", "status", "title"), rows)
    if quota:
        print_text("")
        print_table(("when", "quota", "of", "period", "what", "who", "because"), map(_quota_row, quota))
    for message in messages:
        print_text(f"\n{_heading(message)}\n\n{message.text.strip()}")
    print_text("")
    print_history(history)


def _print_ticket(ticket: Ticket) -> None:
    print_fields(
        {
            "ticket": ticket.ref,
            "title": ticket.title,
            "status": ticket.status if ticket.merged_into is None else f"merged into {ticket.merged_into}",
            "queue": ticket.queue,
            "kind": ticket.kind,
            "priority": f"{ticket.priority} (by hand)" if ticket.priority_by_hand else ticket.priority,
            "assignee": ticket.assignee,
            "requester": ticket.requester_address,
            "participants": ticket.participants,
            "customer": ticket.customer,
            "tags": ticket.tags,
            "opened": ticket.created_at.isoformat(sep=" ", timespec="seconds"),
        }
    )


def _quota_row(record: QuotaRecord) -> tuple[object, ...]:
    entry, key = record.entry, record.entry.key
    when = record.at.strftime("%Y-%m-%d %H:%M:%S")
    return (when, key.quota, key.holder, key.period, entry.kind.replace("_", " "), entry.actor, entry.because)


def _heading(message: TicketMessage) -> str:
    way = "from" if message.incoming else "to"
    who = message.sender if message.incoming else ", ".join(message.recipients)
    marks = "" if message.verified else ", unverified"
    when = message.at.isoformat(sep=" ", timespec="seconds")
    part = f", part {message.part}" if message.part else ""
    what = f"message {message.id}, {message.kind}, {message.visibility}{marks}{part}"
    return f"--- {when} {way} {who} ({what}): {message.subject}"


@app.command()
def close(
    ctx: typer.Context,
    ticket: Name,
    because: Because = "closed by hand",
    invalid: Annotated[
        bool,
        typer.Option("--invalid", help="It was no issue, or a duplicate: its place of a quota is given back."),
    ] = False,
) -> None:
    """Close a ticket. The customer is not written to."""
    if not invalid:
        _change_status(ctx, ticket, Status.CLOSED, because)
        return
    with at_desk(ctx, ticket, because) as work:
        desk.dismiss(work.store, work.ticket.number, desk.INVALID, work.act)
    note(f"{work.ticket.ref} is closed as invalid now")


@app.command()
def reopen(ctx: typer.Context, ticket: Name, because: Because = "reopened by hand") -> None:
    """Open a ticket again that was resolved or closed."""
    _change_status(ctx, ticket, Status.OPEN, because)


def _change_status(ctx: typer.Context, name: str, status: Status, because: str) -> None:
    with store(ctx) as opened:
        found = opened.ticket(name)
        if found.status is status:
            raise PermanentError(f"{found.ref} is {status} already")
        details = (("from", str(found.status)), ("to", str(status)))
        event = Event(now(), EventKind.STATUS, "admin", because, found.number, details=details)
        opened.change_status(found.number, status, event)
    note(f"{found.ref} is {status} now")


@app.command("note")
def add_note(
    ctx: typer.Context,
    ticket: Name,
    text: Annotated[str, typer.Argument(help="The note; - reads it from standard input.")],
) -> None:
    """Put a note on a ticket that only agents see."""
    words = typer.get_text_stream("stdin").read() if text == "-" else text
    if not words.strip():
        raise typer.BadParameter("the note is empty", param_hint="TEXT")
    with store(ctx) as opened:
        found = opened.ticket(ticket)
        opened.add_note(
            found.number, words.strip(), Event(now(), EventKind.NOTE, "admin", "noted by hand", found.number)
        )
    note(f"noted on {found.ref}")


@app.command()
def merge(
    ctx: typer.Context,
    ticket: Name,
    into: Annotated[str, typer.Option("--into", metavar="TICKET", help="The ticket it becomes part of.")],
    because: Because,
    by: By = "",
    json: Json = False,
) -> None:
    """Make a ticket part of another: its people and messages go there, and so do replies to it.

    A place that it took of a quota is given back. Nobody is written to.
    """
    with at_desk(ctx, ticket, because, by) as work:
        target = work.store.ticket(into)
        desk.merge(work.store, work.ticket.number, target.number, work.act)
        if json:
            work.print_json()
        whole = work.store.ticket(work.ticket.ref)
    note(f"{work.ticket.ref} is part of {whole.ref} now")


@app.command()
def spam(ctx: typer.Context, ticket: Name, because: Because = "spam", by: By = "", json: Json = False) -> None:
    """Close a ticket as spam, with the tag spam. The sender is not written to.

    A place that it took of a quota is given back.
    """
    with at_desk(ctx, ticket, because, by) as work:
        desk.dismiss(work.store, work.ticket.number, desk.SPAM, work.act)
        if json:
            work.print_json()
    note(f"{work.ticket.ref} is closed as spam now")


@app.command()
def priority(
    ctx: typer.Context,
    ticket: Name,
    number: Annotated[int, typer.Argument(metavar="PRIORITY", min=1, max=9, help="1 is most urgent.")],
    because: Because,
    by: By = "",
    json: Json = False,
) -> None:
    """Set a ticket's priority; no rule changes it from now on.

    Where the ticket becomes less urgent than it was when it took a place of a quota, the place is given back.
    """
    with at_desk(ctx, ticket, because, by) as work:
        desk.set_priority(work.store, work.ticket.number, number, work.act)
        if json:
            work.print_json()
    note(f"{work.ticket.ref} has priority {number} now")


@app.command()
def grant(ctx: typer.Context, ticket: Name, because: Because, by: By = "", json: Json = False) -> None:
    """Make an exception from a used-up quota: the ticket gets the priority that the quota took from it."""
    with at_desk(ctx, ticket, because, by) as work:
        desk.grant(work.store, work.ticket.number, work.act)
        if json:
            work.print_json()
        found = work.store.ticket(str(work.ticket.number))
    note(f"{found.ref} has priority {found.priority} now, by exception")


ticket_split.register(app)
