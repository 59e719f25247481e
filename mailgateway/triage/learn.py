"""What a mail teaches of the names that others gave to its ticket; threading uses them for the mails that follow."""

from mailgateway.model.decision import Keys, Known, Rung, Threading
from mailgateway.model.message import MessageKind
from mailgateway.model.names import ForeignRef, Learnt
from mailgateway.model.site import Site
from mailgateway.parsers.subject import foreign_refs
from mailgateway.triage.thread import resolve

_BY_AN_ID = frozenset({Rung.REPLY_ADDRESS, Rung.OUR_MESSAGE_ID, Rung.RECEIVED_MESSAGE_ID})


def learnt(kind: MessageKind, threading: Threading, keys: Keys, known: Known, site: Site) -> Learnt:
    """Return what a mail teaches, once it has its place.

    Args:
        kind: What wrote it; a person's Outlook conversation belongs to the ticket from then on.
        threading: The place; only words that count there teach anything of the ticket.
        keys: The names it carries.
        known: What the store holds under them.
        site: The site.
    """
    is_conversation = kind is MessageKind.PERSON and threading.verified
    return Learnt(
        other_ids=keys.names.other_ids,
        conversation=keys.names.conversation if is_conversation else "",
        refs=_refs(threading, keys, known, site) if kind is MessageKind.AUTO_REPLY else (),
    )


def _refs(threading: Threading, keys: Keys, known: Known, site: Site) -> tuple[ForeignRef, ...]:
    """Return the numbers that another ticket system gave to our ticket, by its automatic answer to a mail on it.

    A number in the ticket's own title is the customer's (of an order, say), and stands under other mails too. One that
    another ticket has is marked as of no use.
    """
    ticket = threading.ticket
    if ticket is None or not threading.verified or threading.rung not in _BY_AN_ID:
        return ()
    quoted = foreign_refs(ticket.title, site.prefix)
    taken = {ref.ref: ref for ref in known.names.refs}
    found = (
        _one_of_two(taken[ref], ticket.number, known)
        if ref in taken
        else ForeignRef(keys.names.ref_owner, ref, ticket.number)
        for ref in keys.names.refs
        if ref not in quoted
    )
    return tuple(ref for ref in found if ref is not None)


def _one_of_two(taken: ForeignRef, number: int, known: Known) -> ForeignRef | None:
    """Return what is to be noted of a number that was seen before: that two tickets have it, None where one has."""
    holder = resolve(taken.ticket, known.tickets) if taken.ticket is not None else None
    if taken.ticket is None or (holder is not None and holder.number == number):
        return None
    return ForeignRef(taken.owner, taken.ref, None)
