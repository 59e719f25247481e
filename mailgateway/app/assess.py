"""What a mail means: from what was read and what is known to a decision. Pure: the store is asked by the caller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailgateway.app.snapshot import Snapshot
from mailgateway.app.understand import Surroundings, understood
from mailgateway.compose.addresses import deliverable
from mailgateway.model.cut import cut_of
from mailgateway.model.decision import Decision, Facts, Keys, Known, Threading
from mailgateway.model.ledger import FetchedMail, PendingMail
from mailgateway.model.message import Classification, Message, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.segments import Segments
from mailgateway.model.site import Site
from mailgateway.parsers.authentication import authentication
from mailgateway.parsers.language import Likelihoods
from mailgateway.parsers.originator import Here
from mailgateway.parsers.stated import Stated, stated_priority
from mailgateway.rules.decide import decide
from mailgateway.rules.facts import ItemWords, Sources, facts
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.kinds.split import MAX_PARTS
from mailgateway.rules.parts import quota_keys_of_mail
from mailgateway.rules.values import RuleSet
from mailgateway.triage.between import with_answers
from mailgateway.triage.duplicate import duplicate_of, reused_id
from mailgateway.triage.keys import keys, signed_ids
from mailgateway.triage.one_ticket import asks_one_ticket
from mailgateway.triage.prose import prose
from mailgateway.triage.siblings import answered
from mailgateway.triage.split import piece_text, segments
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
        text: Its new words without logs and code.
        stated: The priority its author states, None where it states none.
        segments: Where it can be cut, None where it cannot.
        items: What each of the items says for itself; () where there are more than a mail is cut into.
        asks_one_ticket: Whether its author asks that a mail that was cut be one ticket.
    """

    message: Message
    classification: Classification
    keys: Keys
    site: Site
    text: str = ""
    stated: Stated | None = None
    segments: Segments | None = None
    items: tuple[ItemWords, ...] = ()
    asks_one_ticket: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message with everything the rules see, but for what is used of quotas.

    Attributes:
        mail: The ledger's mail.
        reading: What it says.
        known: What the store held; without a customer that is only claimed.
        duplicate_of: The ledger id of the first copy; the rest is of no effect then. None otherwise.
        threading: Which ticket it belongs to.
        facts: What the rules see so far.
        quotas: What is to be locked and counted.
    """

    mail: PendingMail
    reading: Reading
    known: Known
    duplicate_of: int | None
    threading: Threading
    facts: Facts
    quotas: tuple[QuotaKey, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be done with a mail, and everything that led to it.

    Attributes:
        prepared: The message and what is known.
        facts: What the rules saw, what is used of quotas included.
        decision: What they said.
    """

    prepared: Prepared
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
    site, priorities = snapshot.sites[fetched.location.mailbox], snapshot.rules.site.priorities
    return read_at(message, fetched, site, snapshot.likelihoods, priorities)


def read_at(
    message: Message,
    fetched: FetchedMail,
    site: Site,
    likelihoods: Likelihoods | None,
    priorities: tuple[str, ...] = (),
) -> Reading:
    """Return what a message is at one mailbox; as `read_message`, where there is no whole snapshot.

    All that can be told by the mail alone is told here: what comes after it may hold locks of the store.

    Args:
        message: The parsed mail.
        fetched: How it arrived.
        site: The site as the mailbox sees it.
        likelihoods: The language model, None where no language is detected.
        priorities: What the site calls its priorities, from 1; () for 1 to 5.
    """
    verdict = authentication(message, site.authserv_id).verdict
    message = replace(message, suspicious=suspicions(message, site))
    found = understood(message, verdict, _surroundings(message, site, likelihoods))
    searched = keys(found.message, site, fetched.received_at.date(), found.authentication)
    return _with_words(Reading(found.message, found.classification, searched, site), found.message, priorities)


def _with_words(reading: Reading, message: Message, priorities: tuple[str, ...]) -> Reading:
    """Return the reading of a message with all that its own words say."""
    cuttable = _segments(message)
    return replace(
        reading,
        message=message,
        text=prose(message.body.text),
        stated=stated_priority(message, priorities),
        segments=cuttable,
        items=_items(message, cuttable, priorities),
        asks_one_ticket=asks_one_ticket(message.body.text),
    )


def _surroundings(message: Message, site: Site, likelihoods: Likelihoods | None) -> Surroundings:
    """Return what a mail is understood with; one that we signed came through no channel."""
    channels = () if signed_ids((message.message_id,), site) else site.channels
    here = Here(channels, site.own_addresses, tuple(agent.name for agent in site.agents))
    return Surroundings(here, site.languages, likelihoods)


def prepare(reading: Reading, mail: PendingMail, known: Known, rules: RuleSet) -> Prepared:
    """Return what the rules will see of a message, and which quotas have to be counted first.

    Args:
        reading: The message.
        mail: Where it is in the ledger.
        known: What the store holds under `reading.keys`.
        rules: The rules that will decide.
    """
    site, reading = reading.site, _with_warning(_with_answers(reading, known, rules.site.priorities), known)
    if mail.as_person:
        reading = replace(reading, classification=BY_A_PERSON)
    message = reading.message
    threading = thread(message, reading.classification, reading.keys, known, site)
    known = _believed(known, threading, reading)
    seen = facts(
        Sources(
            message=message,
            classification=reading.classification,
            threading=threading,
            known=known,
            site=site,
            answerable=mail.fetched.answerable and bool(deliverable(message.sender.address)),
            arrived=mail.fetched.received_at,
            text=reading.text,
            stated=reading.stated,
            segments=reading.segments,
            items=reading.items,
            asks_one_ticket=reading.asks_one_ticket,
        )
    )
    duplicate = duplicate_of(known, reading.keys)
    quotas = () if duplicate is not None else _quotas(rules, seen, known)
    return Prepared(mail, reading, known, duplicate, threading, seen, quotas)


def assess(prepared: Prepared, usages: Sequence[Usage], rules: RuleSet) -> Assessment:
    """Return the decision on a message.

    Args:
        prepared: The message and what is known.
        usages: How much is used of `prepared.quotas`, in their order.
        rules: The same as for `prepare`.
    """
    seen = Facts((*prepared.facts.values, *usage_facts(usages)))
    return Assessment(prepared, seen, decide(rules, seen))


def _quotas(rules: RuleSet, seen: Facts, known: Known) -> tuple[QuotaKey, ...]:
    """Return the counts that may matter for a mail: of one that asks for one ticket those of the mail that was cut."""
    ticket = seen.get("ticket.number")
    if not seen.get("mail.asks_one_ticket") or not seen.get("ticket.parts") or not isinstance(ticket, int):
        return quota_keys_of_mail(rules, dict(seen.values))
    found = cut_of(ticket, known.cuts)
    return found.cut.whole.quota if found and found.cut.whole else ()


def _segments(message: Message) -> Segments | None:
    """Return where a mail can be cut, None where it cannot; what it only quotes or forwards is not looked at."""
    if not message.body.has_new:
        return None
    names = tuple(one.name for one in message.attachments)
    return segments(message.body.text, message.body.headings, names, message.subject)


def _items(message: Message, found: Segments | None, priorities: tuple[str, ...]) -> tuple[ItemWords, ...]:
    """Return what each item says for itself, read as if the mail held no other."""
    if found is None or len(found.items) > MAX_PARTS:
        return ()
    spans = [(one.start, one.end) for one in found.items]
    pieces = (piece_text(message.body.text, spans, number) for number in range(1, 1 + len(spans)))
    alone = (replace(message, body=replace(message.body, text=text)) for text in pieces)
    stated = (stated_priority(piece, priorities) for piece in alone)
    return tuple(ItemWords(prose(one.text), says) for one, says in zip(found.items, stated, strict=True))


def _believed(known: Known, threading: Threading, reading: Reading) -> Known:
    """Return what is known without a customer that is only claimed: by a free-mail domain, on a lie, or in a form."""
    domain, relay, site = reading.message.sender.domain, reading.message.relay, reading.site
    is_lie = threading.standing.authentication is Authentication.FAIL or (relay is not None and relay.is_typed)
    if is_lie or (known.customer_by == "domain" and domain in site.free_mail_domains):
        return replace(known, customer=None, customer_by="", open_tickets=())
    return known


def _with_answers(reading: Reading, known: Known, priorities: tuple[str, ...]) -> Reading:
    """Return the reading with the words that stand between the lines of an acknowledgement of a cut mail."""
    newest = answered(reading.keys.message_ids, known.referred) if known.cuts else ()
    ours = next((one.acknowledgement for one in newest if one.acknowledgement), "")
    body = with_answers(reading.message.body, ours) if ours else reading.message.body
    if body == reading.message.body:
        return reading
    return _with_words(reading, replace(reading.message, body=body), priorities)


def _with_warning(reading: Reading, known: Known) -> Reading:
    """Return the reading with a defect where its Message-ID was used before for something else."""
    defect = reused_id(known, reading.keys)
    if not defect:
        return reading
    return replace(reading, message=replace(reading.message, defects=(*reading.message.defects, defect)))
