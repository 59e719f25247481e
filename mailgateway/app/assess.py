"""What a mail means: from what was read and what is known to a decision. Pure: the store is asked by the caller."""

from dataclasses import dataclass, replace

from mailgateway.app.snapshot import Snapshot
from mailgateway.compose.addresses import deliverable
from mailgateway.model.decision import Decision, Facts, Keys, Known, Threading
from mailgateway.model.ledger import FetchedMail, PendingMail
from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.model.site import Site
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.language import language_of
from mailgateway.parsers.originator import Here, through_channel
from mailgateway.rules.decide import decide
from mailgateway.rules.facts import facts
from mailgateway.triage.duplicate import duplicate_of, reused_id
from mailgateway.triage.inside import classify_through
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
    message = _person_inside(replace(message, suspicious=suspicions(message, site)), site, verdict)
    if message.relay is not None and verdict is Authentication.PASS:
        verdict = Authentication.NONE  # it was the carrier who proved to be itself
    classification = classify_through(message, site.own_addresses, verdict)
    message = _with_language(message, classification, snapshot)
    return Reading(message, classification, keys(message, site, fetched.received_at.date(), verdict), site)


def _person_inside(message: Message, site: Site, authentication: Authentication) -> Message:
    """Return the message as the person inside wrote it; a forged carrier and our own mails are no channel."""
    ours = signed_ids((message.message_id,), site)
    if not site.channels or ours or authentication is Authentication.FAIL:
        return message
    operators = tuple(agent.name for agent in site.agents)
    return through_channel(message, Here(site.channels, site.own_addresses, operators))


def _with_language(message: Message, classification: Classification, snapshot: Snapshot) -> Message:
    """Return a person's message with the language of its text; machines get no answer in any."""
    if snapshot.likelihoods is None or classification.kind is not MessageKind.PERSON:
        return message
    found = language_of(message.body.text, snapshot.config.site.languages, snapshot.likelihoods)
    return replace(message, language=found)


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
