"""What a mail means: from what was read and what is known to a decision. Pure: the store is asked by the caller."""

from dataclasses import dataclass, replace

from mailgateway.app.snapshot import Snapshot
from mailgateway.app.understand import Surroundings, understood
from mailgateway.compose.addresses import deliverable
from mailgateway.model.decision import Decision, Facts, Keys, Known, Threading
from mailgateway.model.ledger import FetchedMail, PendingMail
from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.site import Site
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.originator import Here
from mailgateway.rules.decide import decide
from mailgateway.rules.facts import facts
from mailgateway.triage.duplicate import duplicate_of, reused_id
from mailgateway.triage.keys import keys, signed_ids
from mailgateway.triage.suspicion import suspicions
from mailgateway.triage.thread import thread

BY_A_PERSON = Classification(
    MessageKind.PERSON, "somebody put it back as a person's", "it was put back by hand: answer it yourself"
)
"""What counts for a mail that a machine seemed to have written and somebody knows better."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as it was understood, before anything was looked up.

    Attributes:
        message: What it says.
        classification: What wrote it.
        keys: What to look up.
        site: The site as the mail's mailbox sees it.
    """

    message: Message
    classification: Classification
    keys: Keys
    site: Site


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be done with a mail, and everything that led to it.

    Attributes:
        mail: The ledger's mail.
        reading: What it says.
        known: What the store held.
        duplicate_of: The ledger id of the first copy; the rest is of no effect then. None otherwise.
        threading: Which ticket it belongs to.
        facts: What the rules saw.
        decision: What they said.
    """

    mail: PendingMail
    reading: Reading
    known: Known
    duplicate_of: int | None
    threading: Threading
    facts: Facts
    decision: Decision


def read_message(message: Message, fetched: FetchedMail, snapshot: Snapshot) -> Reading:
    """Return what a message is and what to look up for it.

    Channels come first: their carriers look like machines, and it is the person inside who is classified.

    Args:
        message: The parsed mail.
        fetched: How it arrived; tokens that had expired by then are void.
        snapshot: What admins wrote.
    """
    site = snapshot.sites[fetched.location.mailbox]
    verdict = authentication(message, site.authserv_id).verdict
    message = replace(message, suspicious=suspicions(message, site))
    found = understood(message, verdict, _surroundings(message, site, snapshot))
    searched = keys(found.message, site, fetched.received_at.date(), found.authentication)
    return Reading(found.message, found.classification, searched, site)


def _surroundings(message: Message, site: Site, snapshot: Snapshot) -> Surroundings:
    """Return what a mail is understood with; one that we signed came through no channel."""
    channels = () if signed_ids((message.message_id,), site) else site.channels
    here = Here(channels, site.own_addresses, tuple(agent.name for agent in site.agents))
    return Surroundings(here, site.languages, snapshot.likelihoods)


def assess(reading: Reading, mail: PendingMail, known: Known) -> Assessment:
    """Return the decision on a message.

    Args:
        reading: The message.
        mail: Where it is in the ledger.
        known: What the store holds under `reading.keys`.
    """
    site, reading = reading.site, _with_warning(reading, known)
    if mail.as_person:
        reading = replace(reading, classification=BY_A_PERSON)
    message = reading.message
    threading = thread(message, reading.classification, reading.keys, known, site)
    answerable = mail.fetched.answerable and bool(deliverable(message.sender.address))
    seen = facts(message, reading.classification, threading, known, answerable=answerable, site=site)
    return Assessment(
        mail=mail,
        reading=reading,
        known=known,
        duplicate_of=duplicate_of(known, reading.keys),
        threading=threading,
        facts=seen,
        decision=decide(site.defaults, seen),
    )


def _with_warning(reading: Reading, known: Known) -> Reading:
    """Return the reading with a defect where its Message-ID was used before for something else."""
    defect = reused_id(known, reading.keys)
    if not defect:
        return reading
    return replace(reading, message=replace(reading.message, defects=(*reading.message.defects, defect)))
