"""What the commands share by which a person changes a ticket: which one, who, and why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from mailgateway.adapters.files import LoadedConfig
from mailgateway.app import desk
from mailgateway.app.ports import Store
from mailgateway.cli.output import print_json
from mailgateway.cli.stores import now, store_and_config
from mailgateway.diagnostics import did_you_mean
from mailgateway.errors import PermanentError
from mailgateway.model.cut import Cut, Piece
from mailgateway.model.ticket import Status, Ticket

Name = Annotated[str, typer.Argument(metavar="TICKET", help="Number (1042) or ID (SUP-1042-QX).")]
Because = Annotated[str, typer.Option("--because", help="Why; it stays in the ticket's history.")]
By = Annotated[str, typer.Option("--by", metavar="AGENT", help="The agent (id) who does it; else the admin.")]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part of a mail that was cut, as commands print it.

    Attributes:
        message: The number of the mail, as `--message` takes it.
        part: Which part, from 1, in the order of the mail.
        of: How many there are.
        first: The ID of the ticket that takes the others in when the cut is undone.
        ticket: The ID of the ticket that has the part.
        status: That ticket's.
        title: Likewise.
        files: The names of the attachments that belong to the part.
    """

    message: int
    part: int
    of: int
    first: str
    ticket: str
    status: Status
    title: str
    files: tuple[str, ...]


def parts_of(store: Store, number: int) -> list[ShownPart]:
    """Return all parts of the mails that a ticket has a part of, the latest cut first; [] where it has none."""
    return [_shown(store, cut, piece) for cut in store.cuts(number) for piece in cut.pieces]


def _shown(store: Store, cut: Cut, piece: Piece) -> ShownPart:
    first, ticket = store.ticket(str(cut.first)), store.ticket(str(piece.ticket))
    return ShownPart(
        message=cut.message,
        part=piece.number,
        of=len(cut.pieces),
        first=first.ref,
        ticket=ticket.ref,
        status=ticket.status,
        title=ticket.title,
        files=piece.files,
    )


@dataclass(frozen=True, slots=True)
class Work:
    """A ticket that a person changes."""

    store: Store
    ticket: Ticket
    act: desk.Act
    config: LoadedConfig

    def print_json(self) -> None:
        """Print the ticket as it stands now, its events, what the ledger of quotas says of it, and its siblings."""
        number, parts = self.ticket.number, parts_of(self.store, self.ticket.number)
        ticket, events, quota = self.store.ticket(str(number)), self.store.history(number), self.store.quota(number)
        print_json({"ticket": ticket, "events": events, "quota": quota, "parts": parts})


@contextmanager
def at_desk(ctx: typer.Context, name: str, because: str, by: str = "") -> Iterator[Work]:
    """Open the database for a change of one ticket by a person, who says why."""
    if not because.strip():
        raise typer.BadParameter("say why", param_hint="--because")
    with store_and_config(ctx) as (opened, loaded):
        actor = _actor(by, [agent.id for agent in loaded.config.agents])
        yield Work(opened, opened.ticket(name), desk.Act(now(), actor, because.strip()), loaded)


def _actor(agent: str, known: Sequence[str]) -> str:
    """Return who acts, as events name it.

    Raises:
        PermanentError: There is no such agent.
    """
    if not agent:
        return "admin"
    if agent in known:
        return f"agent:{agent}"
    near = did_you_mean(agent, known)
    raise PermanentError(f"there is no agent {agent}" + (f"; did you mean {near}?" if near else ""))
