"""`mailgateway ticket`: tickets as agents and operators see them."""

from typing import Annotated

import typer

from mailgateway.app.ports import TicketMessage
from mailgateway.cli.options import Json
from mailgateway.cli.output import note, print_fields, print_json, print_table, print_text
from mailgateway.cli.stores import now, store
from mailgateway.errors import PermanentError
from mailgateway.model.ticket import Event, EventKind, Status, Ticket

app = typer.Typer(no_args_is_help=True, help="Tickets: list, show, close, reopen, note.")

Name = Annotated[str, typer.Argument(metavar="TICKET", help="Number (1042) or ID (SUP-1042-QX).")]
Because = Annotated[str, typer.Option("--because", help="Why; it stays in the ticket's history.")]

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
    if json:
        print_json({"ticket": found, "messages": messages, "events": history})
        return
    _print_ticket(found)
    for message in messages:
        print_text(f"\n{_heading(message)}\n\n{message.text.strip()}")
    print_text("")
    print_table(("when", "what", "who", "because"), map(_event_row, history))


def _print_ticket(ticket: Ticket) -> None:
    print_fields(
        {
            "ticket": ticket.ref,
            "title": ticket.title,
            "status": ticket.status if ticket.merged_into is None else f"merged into {ticket.merged_into}",
            "queue": ticket.queue,
            "kind": ticket.kind,
            "priority": ticket.priority,
            "requester": ticket.requester_address,
            "participants": ticket.participants,
            "customer": ticket.customer,
            "tags": ticket.tags,
            "opened": ticket.created_at.isoformat(sep=" ", timespec="seconds"),
        }
    )


def _heading(message: TicketMessage) -> str:
    way = "from" if message.incoming else "to"
    who = message.sender if message.incoming else ", ".join(message.recipients)
    marks = "" if message.verified else ", unverified"
    when = message.at.isoformat(sep=" ", timespec="seconds")
    return f"--- {when} {way} {who} ({message.kind}, {message.visibility}{marks}): {message.subject}"


def _event_row(event: Event) -> tuple[object, ...]:
    return (event.at.strftime("%Y-%m-%d %H:%M:%S"), event.kind, event.actor, event.because)


@app.command()
def close(ctx: typer.Context, ticket: Name, because: Because = "closed by hand") -> None:
    """Close a ticket. The customer is not written to."""
    _change_status(ctx, ticket, Status.CLOSED, because)


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
