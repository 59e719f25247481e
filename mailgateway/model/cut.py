"""A mail that was cut into several tickets: what each of them has of it, and what it would be as one ticket."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailgateway.model.quota import QuotaEntry, QuotaKey, QuotaRecord
from mailgateway.model.ticket import Status


@dataclass(frozen=True, slots=True)
class Description:
    """What of a ticket a cut changes, and what undoing it gives back; 1 is the most urgent priority."""

    title: str
    status: Status
    queue: str
    kind: str
    priority: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """What the first ticket of a cut mail was before, or would have been uncut.

    Attributes:
        before: As one ticket.
        after: As the first part: what somebody changed since is not overwritten when the cut is undone.
        quota: The places that it took, or would have taken, as one ticket.
    """

    before: Description
    after: Description
    quota: tuple[QuotaKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What one ticket has of a mail.

    Attributes:
        ticket: Its number.
        number: Which part of the mail it is, from 1, in the order of the mail.
        text: The part with what all parts need: greeting, environment, closing.
        files: The names of the attachments that belong to it: those that it names, and those that no part names.
    """

    ticket: int
    number: int
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """One mail on several tickets.

    Attributes:
        first: The ticket that takes the others in when the cut is undone: the first part's, or the one that a reply
            was written to.
        pieces: Two at least, in the order of the mail; the first one's is among them.
        whole: What `first` was before; None where the mail is a reply, whose ticket stays what it was.
        message: The store's number of the message; 0 while it is not written.
    """

    first: int
    pieces: tuple[Piece, ...]
    whole: Whole | None = None
    message: int = 0

    @property
    def others(self) -> tuple[int, ...]:
        """The tickets that vanish when the cut is undone."""
        return tuple(piece.ticket for piece in self.pieces if piece.ticket != self.first)

    def place(self, number: int) -> tuple[tuple[str, str], ...]:
        """Return the details of the event (`EventKind.SPLIT`) of the piece with this number."""
        return ("part", str(number)), ("of", str(len(self.pieces))), ("first", str(self.first))


@dataclass(frozen=True, slots=True)
class KnownCut:
    """A cut that is not undone, with what the ledger of quotas says of its tickets, oldest first."""

    cut: Cut
    quota: tuple[QuotaRecord, ...] = ()


def cut_of(ticket: int, known: Iterable[KnownCut]) -> KnownCut | None:
    """Return the first of some cuts, the latest first, that a ticket is of; None where it is of none."""
    of = (one for one in known if any(piece.ticket == ticket for piece in one.cut.pieces))
    return next(of, None)


@dataclass(frozen=True, slots=True)
class Join:
    """An undone cut: the other tickets are merged into the first, which has the whole mail again.

    Attributes:
        cut: What is undone; its pieces are forgotten.
        description: What the first ticket is from now on; None where it stays what it is.
        quota: Places given back, and those that the first ticket takes again.
    """

    cut: Cut
    description: Description | None = None
    quota: tuple[QuotaEntry, ...] = ()
