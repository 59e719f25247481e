"""The facts of a mail without a database: from the mail alone, through the whole pipeline, and what is given besides.

Nothing here asks a clock or a store: a mail that nobody gives a time for arrives at `ARRIVED`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from mailgateway.app.assess import prepare, read_at
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.decision import Fact, Facts, Known, Rung
from mailgateway.model.ledger import FetchedMail, Location, PendingMail
from mailgateway.model.message import Message
from mailgateway.model.people import Contact, Customer, Role
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.model.site import Site, own_suffix
from mailgateway.model.ticket import Status
from mailgateway.model.tokens import NOBODYS_KEYRING, ticket_ref
from mailgateway.parsers.language import Likelihoods
from mailgateway.parsers.message import parse
from mailgateway.rules.facts import MOST_URGENT
from mailgateway.rules.kinds.quota import usage_facts
from mailgateway.rules.parts import quota_keys_of_mail
from mailgateway.rules.seen import Seen
from mailgateway.rules.values import RuleSet

ARRIVED = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""When a mail arrives that nobody gives a time for: a Wednesday at noon."""
ADDRESS = "support@example.org"
"""Where a mail goes that names no recipient, where no configuration is known."""
AUTHOR = "someone@customer.example"
"""Who writes an example that names nobody."""
CUSTOMER = "a-customer"
"""The id of a customer of whom only something else is given."""
MOST_REFS = 20
"""Tickets that are made up for a used quota at most."""

Given = Iterable[tuple[str, object]]
"""(dotted fact, value) pairs: texts, numbers, yes or no, aware times, sequences of texts."""

_FIELD = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_OF_FOUND = ("ticket.number", "ticket.ref", "ticket.status", "ticket.closed_days")
"""Facts that only a ticket has which is there already: one of them says that the mail is a reply."""
_PLAIN = Site(
    mailbox="support",
    address=ADDRESS,
    display_name="",
    plus_addressing=True,
    host="example.org",
    prefix="SUP",
    keyring=NOBODYS_KEYRING,
    own_addresses=frozenset((ADDRESS,)),
)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as it was read.

    Attributes:
        facts: What the rules see of it.
        message: The mail.
    """

    facts: Facts
    message: Message


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mail arrived.

    Attributes:
        site: As the mailbox sees it.
        likelihoods: The language model, None where no language is detected.
    """

    site: Site
    likelihoods: Likelihoods | None


def completed(raw: bytes, snapshot: Snapshot | None = None, arrived: datetime = ARRIVED) -> bytes:
    """Return the text of an example as a whole mail: with From, To, Date and Message-ID where it has none.

    Args:
        raw: The text: header fields, an empty line, the body; without any header field the body alone.
        snapshot: The configuration whose first mailbox a mail without a recipient goes to; None for `ADDRESS`.
        arrived: When it arrives.
    """
    has_header = _FIELD.match(raw) is not None
    head = _HEADER_END.split(raw, 1)[0] if has_header else b""
    there = {name.lower() for name in _FIELD.findall(head)}
    filled = {
        b"from": AUTHOR,
        b"to": _sites(snapshot)[0].address,
        b"date": format_datetime(arrived),
        b"message-id": "<example@customer.example>",
    }
    fields = (name.title() + b": " + value.encode() + b"\n" for name, value in filled.items() if name not in there)
    return b"".join((*fields, b"" if has_header else b"\n", raw))


def facts_of(raw: bytes, given: Given, rules: RuleSet, snapshot: Snapshot | None = None) -> Facts:
    """Return what the rules see of a mail where nothing else is known than what is given. Never raises for any bytes.

    What is given stands, whatever the mail says, and brings with it what goes together in a real mail:

    - anything of `customer` but `customer.known = false`: a known customer, whose contact the author is;
    - `ticket.found = true`, or a fact that only a ticket has which is there already (number, ref, status,
      closed_days): a reply by its requester, on an open ticket with the site's defaults;
    - `usage.QUOTA = n`: so many tickets that used it; a quota of which nothing is given is unused;
    - `ticket.priority` and `ticket.is_priority`, `stated.priority` and `stated.by`, `sender.address` and
      `sender.domain`: each the other.

    Args:
        raw: The mail, as it came.
        given: Facts that stand in for what the mail cannot show.
        rules: The rules that will decide: their site's defaults, and their quotas.
        snapshot: The configuration with its mailboxes, agents, channels and languages; None for none. Its rules are
            not looked at.
    """
    return read_with(raw, given, rules, snapshot).facts


def read_with(raw: bytes, given: Given, rules: RuleSet, snapshot: Snapshot | None = None) -> ReadMail:
    """Return a mail with what the rules see of it; as `facts_of`."""
    plain = {name: _fact(value) for name, value in given}
    arrived = _arrival(plain)
    message = parse(raw).message
    place = _place(message, snapshot)
    fetched = FetchedMail(Location(place.site.mailbox, "INBOX", 1, 1), arrived, len(raw), b"")
    reading = read_at(message, fetched, place.site, place.likelihoods, rules.site.priorities)
    known = _known(plain, reading.message.sender.key)
    seen = dict(prepare(reading, PendingMail(1, fetched, 1), known, rules).facts.values)
    seen |= _implied(plain, seen, rules, place.site) | plain
    facts = Facts((*seen.items(), *_usage(plain, seen, rules, place.site)))
    return ReadMail(facts, reading.message)


def _fact(value: object) -> Fact:
    """Return a given value as facts are stored."""
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, (str, int)):
        return value
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _arrival(given: Mapping[str, Fact]) -> datetime:
    """Return when the mail arrived; `ARRIVED` where that is not given, or is no moment that can be reckoned with."""
    return (Seen(given, {}).time("arrived") or ARRIVED).astimezone(UTC)


# --- where it arrived ------------------------------------------------------------------------------------------------


def _sites(snapshot: Snapshot | None) -> tuple[Site, ...]:
    return (tuple(snapshot.sites.values()) if snapshot else ()) or (_PLAIN,)


def _place(message: Message, snapshot: Snapshot | None) -> _Place:
    """Return the mailbox a mail arrived in: one that it names, else the first, under the first address it names."""
    sites = _sites(snapshot)
    likelihoods = snapshot.likelihoods if snapshot else None
    addresses = [one.key for one in (*message.to, *message.cc)]
    for site in sites:
        here = frozenset((site.address.lower(),))
        if any(own_suffix(address, here) is not None for address in addresses):
            return _Place(site, likelihoods)
    site = sites[0]
    if not message.to:
        return _Place(site, likelihoods)
    address = message.to[0].address
    own = site.own_addresses if snapshot else frozenset((address.lower(),))
    return _Place(replace(site, address=address, own_addresses=own), likelihoods)


# --- what goes together ----------------------------------------------------------------------------------------------


def _known(given: Mapping[str, Fact], sender: str) -> Known:
    """Return what the store would hold: the customer that is given, and the author as its contact."""
    of_customer = {name.removeprefix("customer."): value for name, value in given.items() if name[:9] == "customer."}
    if not of_customer or of_customer.get("known") is False:
        return Known()
    customer_id = str(of_customer.get("id") or CUSTOMER)
    customer = Customer(
        id=customer_id,
        name=customer_id,
        plan=str(of_customer.get("plan") or ""),
        time_zone=str(of_customer.get("time_zone") or ""),
    )
    by = str(of_customer.get("by") or "address")
    contact = Contact(1, "", sender, customer_id) if by == "address" else None
    return Known(contact=contact, customer=customer, customer_by=by)


def _implied(given: Mapping[str, Fact], seen: Mapping[str, Fact], rules: RuleSet, site: Site) -> dict[str, Fact]:
    """Return the facts that go with those that are given."""
    implied: dict[str, Fact] = {}
    if any(name.startswith("customer.") for name in given) and given.get("customer.known") is not False:
        implied |= {"customer.known": True, "customer.id": seen["customer.id"] or CUSTOMER}
    if "stated.priority" in given:
        implied["stated.by"] = "line"
    if "sender.address" in given:
        domain = str(given["sender.address"]).rpartition("@")[2].lower()
        implied |= {"sender.domain": domain, "sender.free_mail": domain in site.free_mail_domains}
    is_found = given.get("ticket.found", any(name in given for name in _OF_FOUND))
    implied |= _of_ticket(given, rules, site) if is_found else {}
    return implied | _urgency({**implied, **given}, rules)


def _of_ticket(given: Mapping[str, Fact], rules: RuleSet, site: Site) -> dict[str, Fact]:
    """Return the facts of a reply by its requester on a ticket with the site's defaults."""
    number = given.get("ticket.number", 1)
    has_ended = given.get("ticket.status") in {Status.RESOLVED.value, Status.CLOSED.value}
    return {
        "ticket.found": True,
        "ticket.number": number,
        "ticket.ref": ticket_ref(site.keyring, site.prefix, number if isinstance(number, int) else 1),
        "ticket.status": Status.CLOSED.value if "ticket.closed_days" in given else Status.OPEN.value,
        "ticket.closed_days": 0 if has_ended else None,
        "ticket.queue": rules.site.queue,
        "ticket.kind": rules.site.kind,
        "ticket.priority": None if "ticket.is_priority" in given else rules.site.priority,
        "ticket.priority_by_hand": False,
        "ticket.tags": (),
        "thread.rung": Rung.OUR_MESSAGE_ID.value,
        "thread.because": "it is given",
        "thread.verified": True,
        "thread.mentions": 0,
        "sender.role": Role.REQUESTER.value,
    }


def _urgency(seen: Mapping[str, Fact], rules: RuleSet) -> dict[str, Fact]:
    """Return how urgent the ticket is, of which a number or only "a priority ticket" is given."""
    number, is_priority = seen.get("ticket.priority"), seen.get("ticket.is_priority")
    if isinstance(number, int):
        return {"ticket.is_priority": number <= MOST_URGENT}
    if isinstance(is_priority, bool):
        return {"ticket.priority": MOST_URGENT if is_priority else max(rules.site.priority, MOST_URGENT + 1)}
    return {}


def _usage(
    given: Mapping[str, Fact], seen: Mapping[str, Fact], rules: RuleSet, site: Site
) -> Iterator[tuple[str, Fact]]:
    """Yield what would be read of every quota that is locked for the mail, and what is given of others."""
    facts = [fact for key in quota_keys_of_mail(rules, seen) for fact in usage_facts([_used(key, given, site)])]
    return ((name, value) for name, value in facts if name not in given)


def _used(key: QuotaKey, given: Mapping[str, Fact], site: Site) -> Usage:
    """Return how much of a quota is used, with made-up tickets that used it."""
    used = given.get(f"usage.{key.quota}")
    number = used if isinstance(used, int) else 0
    refs = tuple(ticket_ref(site.keyring, site.prefix, i + 1) for i in range(min(number, MOST_REFS)))
    return Usage(key, number, refs)
