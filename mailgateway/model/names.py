"""Names that others gave to our messages and tickets: what a mail carries, what is known of them, what is learnt."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The names that one mail carries.

    Attributes:
        other_ids: Further ids of the mail itself, such as the one it had before Exchange gave it another.
        conversation: The Outlook conversation it belongs to, "" where it has none or one of ours.
        ref_owner: The domain, or address of free mail, whose ticket system the numbers may be of; "" for nobody's.
        refs: What looks like another system's ticket number in its subject.
    """

    other_ids: tuple[str, ...] = ()
    conversation: str = ""
    ref_owner: str = ""
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignRef:
    """A number that another ticket system gave to a ticket of ours.

    Attributes:
        owner: The domain whose system it is, or an address of free mail; in lower case.
        ref: In upper case, without the words around it.
        ticket: The ticket's number, None where the number was seen on two: it says nothing then.
    """

    owner: str
    ref: str
    ticket: int | None


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What the store holds under the names of one mail.

    Attributes:
        conversation: Tickets (numbers) of the conversation, newest first.
        refs: Those of `Names.refs` that `Names.ref_owner` gave to a ticket of ours.
    """

    conversation: tuple[int, ...] = ()
    refs: tuple[ForeignRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Learnt:
    """The names that one mail teaches, to be written with it.

    Attributes:
        other_ids: Further ids of the message.
        conversation: The Outlook conversation that belongs to the tickets it is put on, "" for none.
        refs: Other systems' numbers.
    """

    other_ids: tuple[str, ...] = ()
    conversation: str = ""
    refs: tuple[ForeignRef, ...] = ()


NO_NAMES, NO_NAMES_KNOWN, NOTHING_LEARNT = Names(), KnownNames(), Learnt()
