"""From a decision to everything it changes: tickets, posts, events and the final bytes of what is sent. Pure.

Every effect becomes a `Changes`; the changes of a mail, in the order of its effects, are its `Outcome`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import assert_never

from mailgateway.app.assess import Assessment
from mailgateway.app.snapshot import Snapshot
from mailgateway.compose.acknowledgement import AcknowledgementRequest, acknowledgement
from mailgateway.compose.addresses import deliverable
from mailgateway.compose.builder import Composed
from mailgateway.compose.notification import Happening, NotificationRequest, notification
from mailgateway.model.decision import BounceMark, KnownDelivery, NewTicket, Outcome, Post, ReservedIds, StatusChange
from mailgateway.model.effects import (
    Acknowledge,
    ChangeStatus,
    Effect,
    IgnoreMail,
    MarkBounce,
    NotifyAgents,
    OpenTicket,
    PostMessage,
    StaySilent,
)
from mailgateway.model.ledger import MailState, OutgoingMail
from mailgateway.model.message import DeliveryReport, Message, Protection
from mailgateway.model.names import Learnt
from mailgateway.model.people import Agent, Authentication, Customer
from mailgateway.model.ticket import Event, EventKind, Status, Ticket, Visibility
from mailgateway.model.tokens import ticket_ref
from mailgateway.parsers.subject import base_subject
from mailgateway.triage.learn import learnt

REPLY_DAYS = 90
"""How long an agent may answer a notice by its reply address."""
MAX_TITLE = 200
NOBODY = "nobody@sender.invalid"
"""The requester of a mail that names no sender; `.invalid` never exists (RFC 2606 section 2)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What one effect changes."""

    tickets: tuple[NewTicket, ...] = ()
    posts: tuple[Post, ...] = ()
    status_changes: tuple[StatusChange, ...] = ()
    bounces: tuple[BounceMark, ...] = ()
    events: tuple[Event, ...] = ()
    outgoing: tuple[OutgoingMail, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One mail's assessment with what its effects have in common."""

    assessment: Assessment
    snapshot: Snapshot
    ticket: NewTicket | Ticket | None
    now: datetime

    @property
    def actor(self) -> str:
        """Who caused the changes."""
        standing = self.assessment.threading.standing
        return f"{standing.role}:{self.assessment.reading.message.sender.key or NOBODY}"

    def event(self, kind: EventKind, rule: str, because: str, *details: tuple[str, str]) -> Event:
        """Return an event of this mail, on its ticket where it has one."""
        number = self.ticket.number if self.ticket else None
        return Event(self.now, kind, f"rule:{rule}", because, number, self.assessment.mail.id, details)


def needed_ids(assessment: Assessment, snapshot: Snapshot) -> tuple[int, int]:
    """Return how many ticket numbers and outbox ids `plan` will use."""
    if assessment.duplicate_of is not None:
        return 0, 0
    effects = assessment.decision.effects
    tickets = sum(isinstance(effect, OpenTicket) for effect in effects)
    return tickets, sum(_mails_of(effect, snapshot) for effect in effects)


def plan(assessment: Assessment, ids: ReservedIds, snapshot: Snapshot, now: datetime) -> Outcome:
    """Return everything a mail changes.

    Args:
        assessment: What was decided, and why.
        ids: As many as `needed_ids` says.
        snapshot: What admins wrote; the templates come from here.
        now: Aware, UTC.
    """
    if assessment.duplicate_of is not None:
        return _duplicate(assessment, now)
    case = _Case(assessment, snapshot, _ticket(assessment, ids), now)
    changes = tuple(_all_changes(case, ids.outbox))
    ignored = next((effect for effect in assessment.decision.effects if isinstance(effect, IgnoreMail)), None)
    return Outcome(
        mail=assessment.mail.id,
        state=MailState.IGNORED if ignored else MailState.PROCESSED,
        reason=ignored.because if ignored else "",
        duplicate_of=None,
        at=now,
        message=assessment.reading.message,
        classification=assessment.reading.classification,
        facts=assessment.facts,
        decision=assessment.decision,
        tickets=tuple(chain.from_iterable(change.tickets for change in changes)),
        posts=tuple(chain.from_iterable(change.posts for change in changes)),
        status_changes=tuple(chain.from_iterable(change.status_changes for change in changes)),
        bounces=tuple(chain.from_iterable(change.bounces for change in changes)),
        events=tuple(chain.from_iterable(change.events for change in changes)),
        outgoing=tuple(chain.from_iterable(change.outgoing for change in changes)),
        learnt=_learnt(assessment),
    )


def _learnt(assessment: Assessment) -> Learnt:
    reading = assessment.reading
    return learnt(reading.classification.kind, assessment.threading, reading.keys, assessment.known, site=reading.site)


def _duplicate(assessment: Assessment, now: datetime) -> Outcome:
    return Outcome(
        mail=assessment.mail.id,
        state=MailState.DUPLICATE,
        reason=f"the same message as mail {assessment.duplicate_of}",
        duplicate_of=assessment.duplicate_of,
        at=now,
        message=None,
        classification=None,
        facts=None,
        decision=None,
    )


def _mails_of(effect: Effect, snapshot: Snapshot) -> int:
    if isinstance(effect, Acknowledge):
        return 1
    return len(_told(effect, snapshot)) if isinstance(effect, NotifyAgents) else 0


def _told(effect: NotifyAgents, snapshot: Snapshot) -> tuple[Agent, ...]:
    """Return the agents to tell: one whose address cannot be written to must not set the mail aside."""
    agents = (agent for agent in snapshot.config.agents if set(agent.roles) & set(effect.roles))
    return tuple(agent for agent in agents if deliverable(agent.mailbox.address))


def _all_changes(case: _Case, outbox: Sequence[int]) -> list[Changes]:
    changes = []
    for effect in case.assessment.decision.effects:
        count = _mails_of(effect, case.snapshot)
        changes.append(_changes(case, effect, outbox[:count]))
        outbox = outbox[count:]
    return changes


def _changes(case: _Case, effect: Effect, outbox: Sequence[int]) -> Changes:  # noqa: PLR0911 -- one line for each effect
    match effect:
        case OpenTicket():
            return _open(case, effect)
        case PostMessage():
            return _post(case, effect)
        case ChangeStatus():
            return _change_status(case, effect)
        case Acknowledge():
            return _acknowledge(case, effect, outbox[0])
        case NotifyAgents():
            return _notify(case, effect, outbox)
        case StaySilent() | IgnoreMail():
            kind = EventKind.IGNORED if isinstance(effect, IgnoreMail) else EventKind.NOT_ANSWERED
            return Changes(events=(case.event(kind, effect.rule, effect.because),))
        case MarkBounce():
            return _mark_bounce(case, effect)
        case _:
            assert_never(effect)


def _ticket(assessment: Assessment, ids: ReservedIds) -> NewTicket | Ticket | None:
    """Return the ticket the mail is about: the new one where the decision opens one, else what threading found."""
    effect = next((effect for effect in assessment.decision.effects if isinstance(effect, OpenTicket)), None)
    if effect is None:
        return assessment.threading.ticket
    site, message = assessment.reading.site, assessment.reading.message
    customer = _customer(assessment)
    return NewTicket(
        number=ids.tickets[0],
        ref=ticket_ref(site.keyring, site.prefix, ids.tickets[0]),
        title=_title(assessment),
        status=Status.NEW,
        queue=effect.queue,
        kind=effect.kind,
        priority=effect.priority,
        mailbox=site.mailbox,
        customer=customer.id if customer else None,
        requester_name=message.sender.name,
        requester_address=message.sender.key or NOBODY,
        participants=(message.sender.key or NOBODY,),
        tags=(*effect.tags, *_marks(message)),
        links=assessment.threading.mentions,
    )


def _marks(message: Message) -> tuple[str, ...]:
    """Return the tags that say what of a mail could not be read."""
    encrypted = message.protection is Protection.ENCRYPTED
    return (*(("partial",) if message.partial else ()), *(("encrypted",) if encrypted else ()))


def _customer(assessment: Assessment) -> Customer | None:
    """Return the customer a new ticket is put under: never by a free-mail domain or on a lie."""
    known, site = assessment.known, assessment.reading.site
    if assessment.threading.standing.authentication is Authentication.FAIL:
        return None
    if known.customer_by == "domain" and assessment.reading.message.sender.domain in site.free_mail_domains:
        return None
    return known.customer


def _title(assessment: Assessment) -> str:
    """Return the subject without its marks, else the first line of the text."""
    message = assessment.reading.message
    written = message.form.subject if message.form and message.form.subject else message.subject
    subject = base_subject(written, assessment.reading.site.prefix)
    first_line = next((line.strip() for line in message.body.text.splitlines() if line.strip()), "")
    return (subject or first_line or "(no subject)")[:MAX_TITLE]


def _open(case: _Case, effect: OpenTicket) -> Changes:
    ticket = case.ticket
    if not isinstance(ticket, NewTicket):
        raise TypeError("a ticket is opened by the effect that says so")
    because = case.assessment.threading.because
    links = tuple(
        case.event(
            EventKind.LINKED, effect.rule, "the mail names it; its sender has no standing there", ("to", str(to))
        )
        for to in ticket.links
    )
    opened = case.event(EventKind.OPENED, effect.rule, because, ("by", case.actor))
    return Changes(tickets=(ticket,), posts=(Post(ticket.number, Visibility.PUBLIC, True),), events=(opened, *links))  # noqa: FBT003 -- Post's fields say it


def _post(case: _Case, effect: PostMessage) -> Changes:
    threading = case.assessment.threading
    if threading.ticket is None:
        raise TypeError("a message is put on the ticket that was found")
    details = (("by", case.actor), ("rung", str(threading.rung)))
    event = case.event(EventKind.MESSAGE, effect.rule, threading.because, *details)
    return Changes(posts=(Post(threading.ticket.number, threading.visibility, threading.verified),), events=(event,))


def _change_status(case: _Case, effect: ChangeStatus) -> Changes:
    ticket = case.assessment.threading.ticket
    if ticket is None:
        raise TypeError("the status of a ticket that was found is changed")
    details = (("from", str(ticket.status)), ("to", str(effect.status)))
    event = case.event(EventKind.STATUS, effect.rule, f"{case.actor} wrote", *details)
    return Changes(status_changes=(StatusChange(ticket.number, effect.status),), events=(event,))


def _acknowledge(case: _Case, effect: Acknowledge, outbox: int) -> Changes:
    if case.ticket is None:
        raise TypeError("a new ticket is acknowledged")
    reading = case.assessment.reading
    customer = _customer(case.assessment)
    request = AcknowledgementRequest(
        ticket=case.ticket,
        message=reading.message,
        outbox=outbox,
        now=case.now,
        language=(customer.language if customer else "") or reading.message.language,
    )
    composed = acknowledgement(case.snapshot.templates, reading.site, request)
    event = case.event(EventKind.ACKNOWLEDGED, effect.rule, "a new ticket", ("to", composed.mail.recipients[0]))
    return Changes(events=(event, *_fallback(case, effect.rule, composed)), outgoing=(composed.mail,))


def _notify(case: _Case, effect: NotifyAgents, outbox: Sequence[int]) -> Changes:
    happening = _happening(case, effect)
    composed = [
        notification(
            case.snapshot.templates,
            case.assessment.reading.site,
            NotificationRequest(happening, agent, number, case.now, (case.now + timedelta(days=REPLY_DAYS)).date()),
        )
        for agent, number in zip(_told(effect, case.snapshot), outbox, strict=True)
    ]
    told = ", ".join(agent.id for agent in _told(effect, case.snapshot)) or "nobody has the role"
    event = case.event(EventKind.NOTIFIED, effect.rule, f"roles: {', '.join(effect.roles)}", ("to", told))
    fallbacks = chain.from_iterable(_fallback(case, effect.rule, one) for one in composed[:1])
    return Changes(events=(event, *fallbacks), outgoing=tuple(one.mail for one in composed))


def _happening(case: _Case, effect: NotifyAgents) -> Happening:
    assessment, threading, ticket = case.assessment, case.assessment.threading, case.ticket
    if ticket is None:
        raise TypeError("agents are told of a ticket")
    changed = next((e.status for e in assessment.decision.effects if isinstance(e, ChangeStatus)), ticket.status)
    customer = _customer(assessment)
    refs = {known.number: known.ref for known in assessment.known.tickets}
    return Happening(
        ticket=replace(ticket, status=changed),
        message=assessment.reading.message,
        is_new=isinstance(ticket, NewTicket),
        customer_name=customer.name if customer else "",
        standing=threading.standing,
        verified=threading.verified,
        visibility=threading.visibility,
        decided=_decided(assessment, effect),
        because=threading.because,
        mentions=tuple(refs[number] for number in threading.mentions if number in refs),
    )


def _decided(assessment: Assessment, effect: NotifyAgents) -> str:
    """Return the other effects with the rules that asked for them, in one line."""
    others = [other for other in assessment.decision.effects if other is not effect]
    return "; ".join(f"{_IN_WORDS[type(other)]} (rule {other.rule})" for other in others)


_IN_WORDS: dict[type[Effect], str] = {
    OpenTicket: "a new ticket",
    PostMessage: "added to the ticket",
    ChangeStatus: "status changed",
    Acknowledge: "acknowledged",
    NotifyAgents: "agents told",
    StaySilent: "no answer sent",
    IgnoreMail: "ignored",
    MarkBounce: "delivery marked as failed",
}


def _fallback(case: _Case, rule: str, composed: Composed) -> tuple[Event, ...]:
    return (case.event(EventKind.TEMPLATE_FAILED, rule, composed.fallback),) if composed.fallback else ()


def _mark_bounce(case: _Case, effect: MarkBounce) -> Changes:
    message, known = case.assessment.reading.message, case.assessment.known
    marks = _bounce_marks(message.reports, known.deliveries)
    if not marks and known.deliveries:
        marks = tuple(
            BounceMark(known.deliveries[0].id, recipient.lower(), False, "a bounce that names no recipient")  # noqa: FBT003 -- BounceMark's fields say it
            for recipient in known.deliveries[0].recipients[:1]
        )
    events = tuple(
        case.event(EventKind.BOUNCED, effect.rule, mark.because, ("recipient", mark.recipient)) for mark in marks
    )
    return Changes(bounces=marks, events=events)


def _bounce_marks(reports: Sequence[DeliveryReport], deliveries: tuple[KnownDelivery, ...]) -> tuple[BounceMark, ...]:
    """Return one mark for each recipient; where two reports are about the same, the lasting one counts."""
    marks: dict[tuple[int | None, str], BounceMark] = {}
    for mark in (_bounce_mark(report, deliveries) for report in reports if report.is_bounce):
        place = (mark.delivery, mark.recipient)
        if place not in marks or mark.permanent:
            marks[place] = mark
    return tuple(marks.values())


def _bounce_mark(report: DeliveryReport, deliveries: tuple[KnownDelivery, ...]) -> BounceMark:
    """Return what a report changes: nobody is marked for good whom no delivery of ours went to, or not by this name.

    Anybody can write a report; and an address that passes mail on to a dead one is alive itself.
    """
    because = f"{report.status} {report.diagnostic}".strip()[:200]
    recipient = report.recipient.lower()
    sent = [(delivery, address.lower()) for delivery in deliveries for address in delivery.recipients]
    exact = next((delivery.id for delivery, address in sent if address == recipient), None)
    if exact is not None:
        return BounceMark(exact, recipient, report.permanent, because)
    if sent:
        delivery, address = sent[0]
        return BounceMark(delivery.id, address, report.permanent and not recipient, because)
    return BounceMark(None, recipient, permanent=False, because=because)
