"""The mails that a cut by hand and its end make: one to the author of the mail, and notices to agents. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mailgateway.app.acts import Act
from mailgateway.app.cuts import described
from mailgateway.app.desk.cutting import HandCut, PartTicket
from mailgateway.app.plan.notices import notices, told_agents, told_in_words
from mailgateway.app.ports import Author, HandChange
from mailgateway.app.snapshot import Snapshot
from mailgateway.app.telling import AnyTicket, Telling, decided_in_words, language_of, told_details
from mailgateway.compose.acknowledgement import acknowledgement
from mailgateway.compose.answer import AnswerRequest
from mailgateway.compose.builder import Composed
from mailgateway.compose.notification import Happening
from mailgateway.compose.replies import information
from mailgateway.model.decision import Decision
from mailgateway.model.effects import Acknowledge, CutMail, NotifyAgents, StaySilent, Told
from mailgateway.model.ledger import OutgoingMail
from mailgateway.model.people import Authentication, Role, Standing
from mailgateway.model.ticket import Event, EventKind, Status, Ticket, Visibility
from mailgateway.rules.decide import BY_HAND, TOLD_JOINED

QUIET = "nobody was to be written to"
NOT_KEPT = "what was read of the mail is no longer kept"


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether the author of a mail was written to.

    Attributes:
        to: The address, "" where nothing was sent.
        because: Why nothing was, "" where something was.
    """

    to: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Mails:
    """What is to be sent, and what is to be said of it.

    Attributes:
        answered: Whether the author of the mail gets one.
        outgoing: With final bytes.
        events: Of each.
    """

    answered: Answered
    outgoing: tuple[OutgoingMail, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """What mails are made with.

    Attributes:
        act: Who does it, when and why.
        author: Who wrote the mail that it is about.
        snapshot: What admins wrote; it has the ticket's mailbox.
    """

    act: Act
    author: Author
    snapshot: Snapshot

    def telling(self, ticket: AnyTicket, parts: Sequence[AnyTicket] = ()) -> Telling:
        """Return what the author is told with."""
        site, message = self.snapshot.sites[ticket.mailbox], self.author.message
        language = language_of(self.author.customer, message.language, site)
        return Telling(self.snapshot.templates, site, language, ticket, dict(enumerate(parts, start=1)))

    def silent(self, ticket: int, rule: str, because: str) -> Mails:
        """Return that nothing is sent."""
        actor = f"rule:{rule}" if rule else self.act.actor
        event = Event(self.act.at, EventKind.NOT_ANSWERED, actor, because, ticket, self.act.mail)
        return Mails(Answered("", because), events=(event,))

    def sent(self, composed: Composed, kind: EventKind, ticket: int, told: Sequence[Told]) -> Mails:
        """Return one mail to the author with its event, and what rules tell in it."""
        to = composed.mail.recipients[0]
        event = self.act.event(kind, ticket, ("to", to), *told_details(told))
        return Mails(Answered(to), (composed.mail,), (event, *_failed(composed, event)))


def mails_needed(cut: HandCut, snapshot: Snapshot) -> int:
    """Return how many outbox ids a cut takes at most: one, and one for each notice."""
    return 1 + sum(len(told_agents(notice, snapshot)) for _, notice in _noticed(cut))


# --- a cut -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CutMails:
    """A cut by hand of which people are to be told.

    Attributes:
        cut: What is cut.
        change: What that changes.
        decision: What the rules say of the parts, and whether the author may be answered.
        writing: What mails are made with.
        quiet: Whether the author is told nothing, whatever the rules say.
    """

    cut: HandCut
    change: HandChange
    decision: Decision
    writing: Writing
    quiet: bool

    def mails(self, outbox: Sequence[int]) -> Mails:
        """Return what the author is told, and the notices of the tickets, under ids as `mails_needed` says."""
        ids = iter(outbox)
        told = self._to_author(next(ids))
        each = [self._notices(part, notice, ids) for part, notice in _noticed(self.cut)]
        return Mails(
            told.answered,
            (*told.outgoing, *(mail for one in each for mail in one.outgoing)),
            (*told.events, *(event for one in each for event in one.events)),
        )

    def _answer(self) -> Acknowledge | StaySilent:
        """Return what the rules let the author be told, or why it is nothing."""
        ticket = self.cut.ticket
        if self.quiet:
            return StaySilent("", QUIET)
        if ticket.status is Status.HELD:
            return StaySilent(BY_HAND, f"{ticket.ref} is held")
        return next(effect for effect in self.decision.effects if isinstance(effect, Acknowledge | StaySilent))

    def _ticket(self, part: PartTicket) -> AnyTicket:
        """Return the ticket of a part as it is once the mail is cut."""
        if not part.section.stays:
            return next(ticket for ticket in self.change.tickets if ticket.number == part.number)
        whole = self.change.cuts[0].whole
        return described(self.cut.ticket, whole.after) if whole else self.cut.ticket

    def _to_author(self, outbox: int) -> Mails:
        first, answer, writing = self._ticket(self.cut.staying), self._answer(), self.writing
        if isinstance(answer, StaySilent):
            return writing.silent(first.number, answer.rule, answer.because)
        telling = writing.telling(first, [self._ticket(part) for part in self.cut.parts])
        request = AnswerRequest(
            ticket=first,
            message=writing.author.message,
            outbox=outbox,
            now=writing.act.at,
            language=telling.language,
            told=telling.said(answer.told, telling.paragraphs(answer.told)),
            parts=telling.lines(),
            cut_later=True,
        )
        composed = acknowledgement(telling.templates, telling.site, request)
        return writing.sent(composed, EventKind.ACKNOWLEDGED, first.number, answer.told)

    def _notices(self, part: PartTicket, notice: NotifyAgents, ids: Iterator[int]) -> Mails:
        """Return the notices of one part's ticket, with their event."""
        act, snapshot = self.writing.act, self.writing.snapshot
        outbox = tuple(islice(ids, len(told_agents(notice, snapshot))))
        composed = notices(self._happening(part), notice, outbox, (snapshot, act.at))
        roles, told = told_in_words(notice, snapshot)
        event = Event(act.at, EventKind.NOTIFIED, act.actor, roles, part.number, act.mail, (("to", told),))
        failed = (one for mail in composed[:1] for one in _failed(mail, event))
        return Mails(Answered(""), tuple(one.mail for one in composed), (event, *failed))

    def _happening(self, part: PartTicket) -> Happening:
        author, act = self.writing.author, self.writing.act
        piece = next(piece for piece in self.change.cuts[0].pieces if piece.ticket == part.number)
        return Happening(
            ticket=self._ticket(part),
            message=author.message,
            is_new=not part.section.stays,
            customer_name=author.customer.name if author.customer else "",
            standing=_standing(author),
            verified=True,
            visibility=Visibility.PUBLIC,
            decided=self._decided(part, piece.number),
            because=act.why(f"{act.actor} cut the mail on {self.cut.ticket.ref}"),
            piece=piece,
            siblings=tuple(other.ref for other in self.cut.parts if other is not part),
        )

    def _decided(self, part: PartTicket, number: int) -> str:
        """Return what was decided of a part in one line; of the ticket that stays not that it is a new one."""
        answers = (one for one in self.decision.answers if one.part == number)
        opened = (part.decided.opened,) if part.decided and not part.section.stays else ()
        places = part.decided.quota if part.decided else ()
        return decided_in_words(answers, (CutMail(BY_HAND), *opened, *places, self._answer()), str)


def _noticed(cut: HandCut) -> Iterator[tuple[PartTicket, NotifyAgents]]:
    """Yield the parts that rules decided, with whom they tell."""
    for part in cut.parts:
        if part.decided and part.decided.notice:
            yield part, part.decided.notice


def _standing(author: Author) -> Standing:
    """Return the author's standing as the rules saw it when the mail came."""
    role, authentication = (str(author.facts.get(name) or "") for name in ("sender.role", "sender.authentication"))
    return Standing(
        Role(role) if role in set(Role) else Role.REQUESTER,
        Authentication(authentication) if authentication in set(Authentication) else Authentication.NONE,
        may_post=True,
        because="",
    )


# --- the end of a cut --------------------------------------------------------------------------------------


def mail_of_join(ticket: Ticket, writing: Writing, silent: StaySilent | None, outbox: int) -> Mails:
    """Return what the author of a mail is told whose tickets a person made one again.

    Args:
        ticket: The one that takes the others in, as it is from then on.
        writing: What the mail is made with.
        silent: Why nothing is to be answered, None where nothing is against it.
        outbox: An id.
    """
    if silent:
        return writing.silent(ticket.number, silent.rule, silent.because)
    telling, told = writing.telling(ticket), (Told(TOLD_JOINED, BY_HAND),)
    paragraphs = telling.paragraphs(told)
    said = telling.said(told, paragraphs)
    if not said:
        return writing.silent(ticket.number, BY_HAND, paragraphs[0].fallback)
    message, act = writing.author.message, writing.act
    request = AnswerRequest(ticket, message, outbox, act.at, telling.language, told=said)
    composed = information(telling.templates, telling.site, request)
    return writing.sent(composed, EventKind.INFORMED, ticket.number, told)


def _failed(composed: Composed, of: Event) -> tuple[Event, ...]:
    """Return the event of a template of the site that failed, () where none did."""
    if not composed.fallback:
        return ()
    return (Event(of.at, EventKind.TEMPLATE_FAILED, of.actor, composed.fallback, of.ticket, of.mail),)
