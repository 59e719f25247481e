"""Generated conversations: what customers, their programs and others write, and what becomes of it on the way."""

import base64
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from tests.app.parts import NOW, SUPPORT

SUBJECTS = ("Printer", "Invoice", "Login", "Backup")
TRANSLATED = {"Printer": "Drucker", "Invoice": "Faktura", "Login": "Вход", "Backup": "バックアップ"}
MARKS = ("Re: ", "RE: ", "AW: ", "SV: ", "Antwort: ", "Отв: ", "回复: ", "RES: ", "Re[2]: ")
CUSTOMERS = 20
PEOPLE = 3
REF = re.compile(r"\[(SUP-\d+-[A-Z]{2})\]")
REGIONS = ("eu-west-1", "us-west-2", "email")


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket as the customer sees it: the mail that opened it, and our acknowledgement.

    Attributes:
        ticket: Its number.
        first: The customer's mail.
        acknowledgement: Ours, as we sent it.
        relayed: The id that the relay gave it instead of ours, as it told us: without angle brackets and host.
        foreign: The number that the customer's own ticket system gives it.
    """

    ticket: int
    first: EmailMessage
    acknowledgement: EmailMessage
    relayed: str
    foreign: int

    @property
    def ref(self) -> str:
        """The ticket ID in the acknowledgement's subject."""
        return str(REF.findall(str(self.acknowledgement["Subject"]))[0])


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail with what should become of it.

    Attributes:
        shape: What was done to it.
        mail: The mail.
        ticket: The ticket it belongs on, None for a new one.
        is_knowable: Whether anything in it names the ticket.
    """

    shape: str
    mail: EmailMessage
    ticket: int | None
    is_knowable: bool = True


@dataclass(slots=True)
class World:
    """The dice, and a counter for ids."""

    dice: random.Random
    count: int = 0

    def message_id(self, domain: str) -> str:
        """Return a new id."""
        self.count += 1
        return f"<m{self.count}.{self.dice.getrandbits(40):x}@{domain}>"

    def relayed(self) -> str:
        """Return what Amazon SES answers at the end of a mail: the left side of the id that it gives it."""
        digits = f"{self.dice.getrandbits(112):028x}"
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:28] + digits[:4])
        return f"0102{self.dice.getrandbits(48):012x}-{'-'.join(parts)}-000000"

    def mail(self, sender: str, to: str, subject: str, text: str = "It does not work.") -> EmailMessage:
        """Return a new mail that answers nothing."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = sender
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(NOW)
        mail["Message-ID"] = self.message_id(sender.rpartition("@")[2])
        mail.set_content(text)
        return mail


def person(number: int) -> str:
    """Return the address of a customer's person."""
    return f"person{number % PEOPLE}@customer{number // PEOPLE % CUSTOMERS}.example"


def foreign_number(number: int) -> int:
    """Return the number of a conversation in the customer's own ticket system: others have it too."""
    return 1000 + number // (PEOPLE * CUSTOMERS) * PEOPLE + number % PEOPLE


def first_mail(world: World, number: int) -> EmailMessage:
    """Return the mail that opens a ticket: every second one is Outlook's."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    mail = world.mail(person(number), SUPPORT, subject)
    if number % 2:
        mail["Thread-Topic"] = subject
        mail["Thread-Index"] = base64.b64encode(b"\x01" + world.dice.randbytes(21)).decode()
    return mail


# --- answers ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answer:
    """A reply to an acknowledgement, as a program writes it, before the way damages it."""

    to: str
    subject: str
    ids: list[str]
    index: str = ""
    damages: list[str] = field(default_factory=list)

    def is_knowable(self, opened: Opened) -> bool:
        """Return whether anything is left that names the ticket."""
        ours = {str(opened.acknowledgement["Message-ID"]), str(opened.first["Message-ID"])}
        has_ref = opened.ref.lower() in self.subject.lower().replace("\u2011", "-")
        has_id = any(name in ours or opened.relayed in name for name in self.ids)
        return "+" in self.to or has_id or has_ref or bool(self.index)


def thunderbird(opened: Opened, dice: random.Random) -> Answer:
    """Return an answer with every mark."""
    original = opened.acknowledgement
    ids = [*str(original["References"] or "").split(), str(original["Message-ID"])]
    return Answer(parseaddr(original["Reply-To"])[1], f"{dice.choice(MARKS)}{original['Subject']}", ids)


def outlook(opened: Opened, dice: random.Random) -> Answer:
    """Return an answer with a longer conversation index."""
    answer = thunderbird(opened, dice)
    index = base64.b64decode(str(opened.acknowledgement["Thread-Index"]))
    answer.index = base64.b64encode(index + dice.randbytes(5)).decode()
    return answer


def gmail(opened: Opened, dice: random.Random) -> Answer:
    """Return an answer whose references are only those of the thread it shows."""
    answer = thunderbird(opened, dice)
    answer.ids = answer.ids[-2:]
    return answer


def drop_ids(answer: Answer, _: Opened, __: random.Random) -> None:
    """Take In-Reply-To and References out."""
    answer.ids = []


def rewrite_ids(answer: Answer, opened: Opened, dice: random.Random) -> None:
    """Give our mail the id that the relay gave it; what the customer wrote keeps its own."""
    ours = str(opened.acknowledgement["Message-ID"])
    new = f"<{opened.relayed}@{dice.choice(REGIONS)}.amazonses.com>"
    answer.ids = [new if name == ours else name for name in answer.ids]


def strange_ids(answer: Answer, opened: Opened, dice: random.Random) -> None:
    """Give our mail an id of which nobody told us."""
    ours = (str(opened.acknowledgement["Message-ID"]), opened.relayed)
    new = f"<{dice.getrandbits(64):x}@relay.example>"
    answer.ids = [new if any(own in name for own in ours) else name for name in answer.ids]


def translate_subject(answer: Answer, opened: Opened, dice: random.Random) -> None:
    """Write the subject anew, in another language, without the ticket ID."""
    answer.subject = dice.choice(MARKS) + TRANSLATED[str(opened.first["Subject"])]


def mangle_ref(answer: Answer, opened: Opened, dice: random.Random) -> None:
    """Write the ticket ID as people and programs do."""
    forms = (opened.ref.lower(), opened.ref.replace("-", "\u2011"), f"{opened.ref},", f"(#{opened.ref})")
    answer.subject = REF.sub(dice.choice(forms), answer.subject)


def write_to_address_book(answer: Answer, _: Opened, __: random.Random) -> None:
    """Write to the support address, not where the mail asked for answers."""
    answer.to = SUPPORT


CLIENTS = (thunderbird, outlook, gmail)
DAMAGES: tuple[Callable[[Answer, Opened, random.Random], None], ...] = (
    drop_ids,
    rewrite_ids,
    strange_ids,
    translate_subject,
    mangle_ref,
    write_to_address_book,
)


def answers(world: World, opened: Opened) -> Iterator[Sent]:
    """Yield an answer by each program, each damaged in some ways."""
    for client in CLIENTS:
        answer = client(opened, world.dice)
        for damage in world.dice.sample(DAMAGES, k=world.dice.randint(0, len(DAMAGES))):
            damage(answer, opened, world.dice)
        mail = world.mail(str(opened.first["From"]), answer.to, answer.subject)
        if answer.ids:
            mail["In-Reply-To"], mail["References"] = answer.ids[-1], " ".join(answer.ids)
        if answer.index:
            mail["Thread-Index"] = answer.index
        yield Sent(f"answer by {client.__name__}", mail, opened.ticket, answer.is_knowable(opened))


# --- others ----------------------------------------------------------------------------------------------------


def follow_up(world: World, opened: Opened) -> Sent:
    """Return what a customer adds before our acknowledgement arrives."""
    mail = world.mail(str(opened.first["From"]), SUPPORT, f"Re: {opened.first['Subject']}")
    mail["In-Reply-To"] = str(opened.first["Message-ID"])
    return Sent("follow-up to the own mail", mail, opened.ticket)


def reply_all(world: World, opened: Opened) -> Sent:
    """Return what a colleague answers to the customer's own mail, with us in Cc."""
    sender = str(opened.first["From"])
    colleague = sender.replace(sender[:7], f"person{(int(sender[6]) + 1) % PEOPLE}", 1)
    mail = world.mail(colleague, sender, f"SV: {opened.first['Subject']}")
    mail["Cc"] = SUPPORT
    mail["References"] = str(opened.first["Message-ID"])
    return Sent("reply-all of a colleague", mail, opened.ticket)


def bounce(world: World, opened: Opened) -> Sent:
    """Return the bounce of the acknowledgement, in plain words, to the plain address."""
    who = str(opened.first["From"])
    header = "\n".join(f"{name}: {opened.acknowledgement[name]}" for name in ("From", "To", "Subject", "Message-ID"))
    text = f"<{who}>:\n550 5.1.1 user unknown\n\n--- Below this line is a copy of the message.\n\n{header}\n\nHello"
    return Sent("bounce", world.mail("mailer-daemon@mx.example", SUPPORT, "failure notice", text), opened.ticket)


def same_subject(world: World, opened: Opened) -> Sent:
    """Return a new question of the same person under the same subject."""
    return Sent("new mail, same subject", world.mail(str(opened.first["From"]), SUPPORT, opened.first["Subject"]), None)


def quoting_stranger(world: World, opened: Opened) -> Sent:
    """Return the mail of somebody who quotes the ticket ID and the customer's id."""
    mail = world.mail("mallory@evil.example", SUPPORT, f"Re: [{opened.ref}] {opened.first['Subject']}", opened.ref)
    mail["In-Reply-To"] = str(opened.first["Message-ID"])
    return Sent("stranger who quotes", mail, None)


def other_customer(world: World, opened: Opened) -> Sent:
    """Return the mail of another customer who names the ticket."""
    number = int(str(opened.first["From"]).partition("@customer")[2].partition(".")[0]) + 1
    sender = f"person0@customer{number % CUSTOMERS}.example"
    return Sent("another customer names it", world.mail(sender, SUPPORT, f"As in {opened.ref}"), None)


def forger(world: World, opened: Opened) -> Sent:
    """Return a mail with a token, an id and an index of ours in each of which one character was changed."""
    acknowledgement = opened.acknowledgement
    token = parseaddr(acknowledgement["Reply-To"])[1]
    index = bytearray(base64.b64decode(str(acknowledgement["Thread-Index"])))
    index[11] ^= 1
    mail = world.mail("mallory@evil.example", _changed(token, token.index("@") - 1), "Re: your mail")
    name = str(acknowledgement["Message-ID"])
    mail["In-Reply-To"] = _changed(name, name.index("@") - 1)
    mail["Thread-Index"] = base64.b64encode(index).decode()
    return Sent("forged token, id and index", mail, None)


def _changed(text: str, position: int) -> str:
    return text[:position] + ("b" if text[position] == "a" else "a") + text[position + 1 :]


# --- names that others give ------------------------------------------------------------------------------------


def automatic_answer(world: World, opened: Opened) -> Sent:
    """Return the answer of the customer's ticket system to our acknowledgement: its number stands in the subject."""
    subject = f"[Ticket#{opened.foreign}] {opened.acknowledgement['Subject']}"
    mail = world.mail(str(opened.first["From"]), SUPPORT, subject)
    mail["In-Reply-To"] = str(opened.acknowledgement["Message-ID"])
    mail["Auto-Submitted"] = "auto-replied"
    return Sent("number of another system, learnt", mail, opened.ticket)


def numbered(world: World, opened: Opened) -> Sent:
    """Return a later mail of that system, which names no more than its number."""
    number = world.dice.choice(("[Ticket#{}]", "AW: [Ticket#{}]", "Ticket #{}:", "(#{})")).format(opened.foreign)
    mail = world.mail(str(opened.first["From"]), SUPPORT, f"{number} Any news?")
    return Sent("number of another system", mail, opened.ticket)


def numbered_stranger(world: World, opened: Opened) -> Sent:
    """Return the mail of somebody whose system has the same number for something else."""
    mail = world.mail("mallory@evil.example", SUPPORT, f"[Ticket#{opened.foreign}] Any news?")
    return Sent("the same number elsewhere", mail, None)


def numbered_colleague(world: World, opened: Opened) -> Sent:
    """Return the mail of somebody in the customer's domain whom nobody knows."""
    domain = str(opened.first["From"]).partition("@")[2]
    mail = world.mail(f"nobody@{domain}", SUPPORT, f"[Ticket#{opened.foreign}] Any news?")
    return Sent("number, unknown in the domain", mail, None)


def conversation(world: World, opened: Opened) -> Sent:
    """Return what a customer adds by Outlook to the own mail, with nothing but the conversation left of its header."""
    mail = _in_conversation(world, opened, str(opened.first["From"]), f"AW: {opened.first['Subject']}")
    return Sent("Outlook, own conversation", mail, opened.ticket, is_knowable="Thread-Index" in mail)


def other_topic(world: World, opened: Opened) -> Sent:
    """Return an old mail answered by Outlook to write about something else."""
    mail = _in_conversation(world, opened, str(opened.first["From"]), "Something else")
    return Sent("Outlook, another topic", mail, None)


def stranger_in_conversation(world: World, opened: Opened) -> Sent:
    """Return what somebody writes who got the customer's mail."""
    mail = _in_conversation(world, opened, "mallory@evil.example", f"RE: {opened.first['Subject']}")
    return Sent("Outlook, a stranger", mail, None)


def _in_conversation(world: World, opened: Opened, sender: str, subject: str) -> EmailMessage:
    mail = world.mail(sender, SUPPORT, subject)
    if opened.first["Thread-Index"]:
        index = base64.b64decode(str(opened.first["Thread-Index"]))
        mail["Thread-Index"] = base64.b64encode(index + world.dice.randbytes(5)).decode()
        mail["Thread-Topic"] = str(opened.first["Thread-Topic"])
    return mail


OTHERS = (
    follow_up,
    reply_all,
    bounce,
    same_subject,
    quoting_stranger,
    other_customer,
    forger,
    numbered,
    numbered_stranger,
    numbered_colleague,
    conversation,
    other_topic,
    stranger_in_conversation,
)
