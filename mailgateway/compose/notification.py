"""The notice that tells one agent of a customer's words: who wrote, on which ticket, what was decided and why."""

from dataclasses import dataclass
from datetime import date, datetime

from mailgateway.compose.builder import Automatic, Composed, Draft, OutboxPlace, outgoing, reply_address
from mailgateway.compose.excerpt import FileLine, file_lines, with_ticket_id, words
from mailgateway.compose.lines import one_line
from mailgateway.compose.origin import FieldLine, came_through, form_fields, forwarded_line, shown_words
from mailgateway.compose.templates import Templates, variables
from mailgateway.model.cut import Piece
from mailgateway.model.decision import NewTicket
from mailgateway.model.message import Address, Message
from mailgateway.model.people import Agent, Standing
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket, Visibility
from mailgateway.model.tokens import ReplyToken, message_id
from mailgateway.parsers.subject import base_subject

PURPOSE = "notification"
MAX_TITLE = 150
MAX_NAME = 60
MAX_REASON = 300
MAX_DECIDED = 600
MAX_SUSPICIOUS = 5
_LANGUAGE = "en"
_NO_BRACKETS = {ord(bracket): None for bracket in "()\uff08\uff09"}


@dataclass(frozen=True, slots=True)
class Happening:
    """What came in and what was done with it: the same for every agent who is told.

    Attributes:
        ticket: The ticket as it stands now.
        message: The mail.
        is_new: Whether the mail made the ticket.
        customer_name: The organisation as people write it, "" where unknown.
        standing: What the sender may do on the ticket, and why.
        verified: False for a stranger whose words nobody vouched for.
        visibility: INSIDE where the words are not part of the conversation with the customer.
        decided: What was decided, in one line.
        because: Why, in one line.
        mentions: IDs of tickets the mail names without the standing to post there.
        piece: What the ticket has of a mail that was cut; None where it has the whole.
        siblings: IDs of the other tickets that have a piece of the mail, in its order.
        suggested: How many issues the mail seems to hold where that is no more than a suggestion, 0 as a rule.
    """

    ticket: Ticket | NewTicket
    message: Message
    is_new: bool
    customer_name: str
    standing: Standing
    verified: bool
    visibility: Visibility
    decided: str
    because: str
    mentions: tuple[str, ...] = ()
    piece: Piece | None = None
    siblings: tuple[str, ...] = ()
    suggested: int = 0


@dataclass(frozen=True, slots=True)
class NotificationRequest:
    """One agent's notice.

    Attributes:
        happening: What it tells.
        agent: Whom it tells.
        outbox: The reserved outbox id.
        now: Aware; becomes the Date.
        reply_expires: The last day on which the reply address counts.
        reply_visibility: What a reply to the notice becomes: INSIDE as long as nothing relays it to the customer.
    """

    happening: Happening
    agent: Agent
    outbox: int
    now: datetime
    reply_expires: date
    reply_visibility: Visibility = Visibility.INSIDE


@dataclass(frozen=True, slots=True)
class NotificationVariables:
    """The names that the templates `notification.txt` and `notification.html` may use.

    Attributes:
        ticket_id: Such as `SUP-1042-QX`, without brackets.
        title: The ticket's title without `Re:` and without ticket IDs; may be empty.
        is_new: Whether the mail made the ticket.
        status: The ticket's status: `new`, `open`, `waiting`, `resolved`, `closed`, `held` or
            `refused`.
        priority: A number, 1 is most urgent.
        queue: The pile the ticket lies on.
        kind: What the ticket is, such as `question`.
        site_name: The name customers see beside the support address.
        support_address: The support address.
        agent_name: The name of the agent who gets the notice.
        sender_name: The sender's display name; may be empty.
        sender_address: The sender's address; may be empty.
        customer_name: The sender's organisation; empty where unknown.
        role: What the sender is to the ticket: `requester`, `participant`, `colleague`, `agent` or `stranger`.
        standing: Why the sender has that role, in words.
        authentication: What your mail server said of the sender's address: `pass`, `none` or `fail`.
        verified: False for a stranger whose words nobody vouched for.
        is_inside: Whether the mail is kept inside, apart from the conversation with the customer.
        decided: What the rules answered and what was done, with the rules that asked for it, one line.
        because: Why the mail came to this ticket, one line.
        mentions: IDs of other tickets that the mail names and was not added to.
        came_through: The contact form, chat or mailing group that brought the mail; empty for a person's own mail.
        fields: What stands in the contact form besides the message, at most 30, each with `label` and `value`.
        forwarded: Who wrote the mail that is forwarded, when and about what; empty where none is.
        siblings: IDs of the other tickets that have a part of the mail; empty where it was not cut. `words` and `files`
            are this ticket's part then.
        suggested: How many issues the mail seems to hold where it was not cut for want of certainty; 0 as a rule.
        files: The attachments that were received, at most 20, each with `name` and `size`.
        more_files: How many more there are.
        partial: Whether the mail was over the size limit, so that only its beginning was read.
        suspicious: Why the sender may not be who they seem to be, at most five phrases.
        words: What the sender wrote, without quotes and signature, at most 20,000 characters; may be empty. Of a chat
            every turn, with who said it.
        words_cut: Whether there is more.
        reply_reaches_customer: Whether a reply to the notice goes to the customer.
    """

    ticket_id: str
    title: str
    is_new: bool
    status: str
    priority: int
    queue: str
    kind: str
    site_name: str
    support_address: str
    agent_name: str
    sender_name: str
    sender_address: str
    customer_name: str
    role: str
    standing: str
    authentication: str
    verified: bool
    is_inside: bool
    decided: str
    because: str
    mentions: tuple[str, ...]
    came_through: str
    fields: tuple[FieldLine, ...]
    forwarded: str
    siblings: tuple[str, ...]
    suggested: int
    files: tuple[FileLine, ...]
    more_files: int
    partial: bool
    suspicious: tuple[str, ...]
    words: str
    words_cut: bool
    reply_reaches_customer: bool


def notification(templates: Templates, site: Site, request: NotificationRequest) -> Composed:
    """Return the notice for one agent.

    It comes from the support address under the sender's name, never from the sender's own address. Replies go to the
    agent's own signed address where the mailbox has plus addressing and the address is short enough for a token.

    Raises:
        PermanentError: The agent has no address that can be written to.
    """
    happening, agent = request.happening, request.agent
    ticket = happening.ticket
    rendered = templates.render(PURPOSE, _LANGUAGE, variables(_variables(site, request)))
    draft = Draft(
        sender=Address(_via(happening, site), site.address),
        to=(agent.mailbox,),
        reply_to=reply_address(site, _token(request)),
        subject=with_ticket_id(rendered.subject, ticket.ref),
        text=rendered.text,
        html=rendered.html,
        message_id=message_id(site.keyring, ticket.number, request.outbox, site.host),
        date=request.now,
        # One made-up parent for all notices of a ticket: mail clients show them as one conversation.
        references=(message_id(site.keyring, ticket.number, 0, site.host),),
        automatic=Automatic.GENERATED,
    )
    return Composed(outgoing(draft, site, OutboxPlace(request.outbox, ticket.number, PURPOSE)), rendered.fallback)


def _via(happening: Happening, site: Site) -> str:
    sender = happening.message.sender
    # Brackets are ours: no sender may look like somebody of a customer.
    name = one_line(sender.name.translate(_NO_BRACKETS), MAX_NAME) or one_line(sender.address, MAX_NAME) or "Somebody"
    marks = [] if happening.verified else ["not verified"]
    if happening.customer_name:
        marks.append(one_line(happening.customer_name, MAX_NAME))
    about = f" ({', '.join(marks)})" if marks else ""
    return f"{name}{about} via {site.display_name or site.address}"


def _token(request: NotificationRequest) -> ReplyToken:
    number, agent = request.happening.ticket.number, request.agent.id
    return ReplyToken(number, None, agent, request.reply_visibility, request.reply_expires)


def _variables(site: Site, request: NotificationRequest) -> NotificationVariables:
    happening = request.happening
    ticket, message, standing = happening.ticket, happening.message, happening.standing
    files, more_files = file_lines(message, happening.piece)
    text, words_cut = words(shown_words(message, happening.piece))
    return NotificationVariables(
        ticket_id=ticket.ref,
        title=one_line(base_subject(ticket.title, site.prefix), MAX_TITLE),
        is_new=happening.is_new,
        status=ticket.status.value,
        priority=ticket.priority,
        queue=ticket.queue,
        kind=ticket.kind,
        site_name=one_line(site.display_name, MAX_NAME) or site.address,
        support_address=site.address,
        agent_name=one_line(request.agent.name, MAX_NAME),
        sender_name=one_line(message.sender.name, MAX_NAME),
        sender_address=one_line(message.sender.address, MAX_REASON),
        customer_name=one_line(happening.customer_name, MAX_NAME),
        role=standing.role.value,
        standing=one_line(standing.because, MAX_REASON),
        authentication=standing.authentication.value,
        verified=happening.verified,
        is_inside=happening.visibility is Visibility.INSIDE,
        decided=one_line(happening.decided, MAX_DECIDED),
        because=one_line(happening.because, MAX_REASON),
        mentions=happening.mentions,
        came_through=came_through(message),
        fields=form_fields(message),
        forwarded=forwarded_line(message),
        siblings=tuple(ref for ref in happening.siblings if ref != ticket.ref),
        suggested=happening.suggested if happening.suggested > 1 else 0,
        files=files,
        more_files=more_files,
        partial=message.partial,
        suspicious=tuple(one_line(why, MAX_REASON) for why in message.suspicious[:MAX_SUSPICIOUS]),
        words=text,
        words_cut=words_cut,
        reply_reaches_customer=request.reply_visibility is Visibility.PUBLIC,
    )
