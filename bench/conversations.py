"""Does every mail find its ticket, and none a wrong one? `python -m bench.conversations`.

Customers write, get acknowledgements, and answer them by three programs; on the way ids are dropped or rewritten,
subjects translated, ticket IDs mangled, addresses taken from the address book. Colleagues reply to all, mail systems
bounce, strangers quote and forge, and everybody has the same few subjects. All of it is processed by the gateway's
own code on a SQLite store. Ends with 1 where a mail was joined to a wrong ticket.
"""

import argparse
import base64
import logging
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

import structlog

from mailgateway.adapters.store.schema import upgrade
from mailgateway.config import LimitsConfig
from mailgateway.model.people import Customer
from tests.app.parts import NOW, SUPPORT, Desk, config, open_desk

SUBJECTS = ("Printer", "Invoice", "Login", "Backup")
TRANSLATED = {"Printer": "Drucker", "Invoice": "Faktura", "Login": "Вход", "Backup": "バックアップ"}
MARKS = ("Re: ", "RE: ", "AW: ", "SV: ", "Antwort: ", "Отв: ", "回复: ", "RES: ", "Re[2]: ")
CUSTOMERS = 20
PEOPLE = 3
MANY = 1_000_000
REF = re.compile(r"\[(SUP-\d+-[A-Z]{2})\]")


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket as the customer sees it: the mail that opened it, and our acknowledgement."""

    ticket: int
    first: EmailMessage
    acknowledgement: EmailMessage

    @property
    def ref(self) -> str:
        """The ticket ID in the acknowledgement's subject."""
        return REF.findall(str(self.acknowledgement["Subject"]))[0]


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
        return "+" in self.to or bool(ours & set(self.ids)) or has_ref or bool(self.index)


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
    """Give our mail the id of a provider; what the customer wrote keeps its own."""
    ours = str(opened.acknowledgement["Message-ID"])
    new = f"<0100{dice.getrandbits(48):012x}-{dice.getrandbits(32):08x}-000000@eu-west-1.amazonses.com>"
    answer.ids = [new if name == ours else name for name in answer.ids]


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


OTHERS = (follow_up, reply_all, bounce, same_subject, quoting_stranger, other_customer, forger)


# --- the run ---------------------------------------------------------------------------------------------------


def run(conversations: int, seed: int, folder: Path) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Return what became of the mails: in all, and by shape; counted are right, missed, wrong and unknowable.

    Args:
        conversations: How many tickets are opened.
        seed: Of the dice.
        folder: For the store.
    """
    world = World(random.Random(seed))  # noqa: S311 -- mails of a test, no secret
    desk = _desk(folder)
    opened = _opened(desk, world, conversations)
    sent = [one for each in opened for one in (*answers(world, each), *(other(world, each) for other in OTHERS))]
    world.dice.shuffle(sent)
    desk.arrive(*(bytes(one.mail) for one in sent))
    desk.drain()
    joined = _joined(desk)
    desk.store.close()
    by_shape: dict[str, Counter[str]] = {}
    for one in sent:
        judged = judge(one, joined.get(str(one.mail["Message-ID"]).strip("<>")))
        by_shape.setdefault(one.shape, Counter())[judged] += 1
    return sum(by_shape.values(), Counter()), by_shape


def judge(sent: Sent, joined: int | None) -> str:
    """Return what became of a mail that was joined to a ticket, or to none."""
    if joined is not None and joined != sent.ticket:
        return "wrong"
    if not sent.is_knowable:
        return "unknowable"
    return "right" if joined == sent.ticket else "missed"


def _desk(folder: Path) -> Desk:
    written = config(limits=LimitsConfig(answers_per_hour=10_000))
    mailbox = written.mailbox[0].model_copy(update={"plus_addressing": True})
    url = f"sqlite:///{folder / 'gateway.db'}"
    upgrade(url)
    desk = open_desk(url, folder, written.model_copy(update={"mailbox": (mailbox,)}))
    names = [f"customer{number}" for number in range(CUSTOMERS)]
    people = [(f"Person {one}", f"person{one}@{name}.example", name) for name in names for one in range(PEOPLE)]
    desk.store.import_customers([Customer(name, name) for name in names], people)
    return desk


def _opened(desk: Desk, world: World, conversations: int) -> list[Opened]:
    """Return the tickets that first mails opened, with what was sent to their writers."""
    firsts = [world.mail(person(number), SUPPORT, SUBJECTS[number % len(SUBJECTS)]) for number in range(conversations)]
    desk.arrive(*(bytes(first) for first in firsts))
    desk.drain()
    claimed = desk.store.claim(desk.clock.now(), MANY, {1: desk.clock.now() + timedelta(hours=1)})
    by_parent = {}
    for delivery in claimed:
        mail = message_from_bytes(delivery.raw, policy=policy.default)
        if isinstance(mail, EmailMessage) and delivery.ticket is not None:
            by_parent[str(mail["In-Reply-To"])] = (delivery.ticket, mail)
    return [
        Opened(by_parent[key][0], first, by_parent[key][1]) for first in firsts if (key := str(first["Message-ID"]))
    ]


def _joined(desk: Desk) -> dict[str, int]:
    """Return the tickets that mails were put on, by the mails' ids; those that opened them are not among them."""
    received = {
        ticket.number: [message.message_id for message in desk.store.messages(ticket.number) if message.incoming]
        for ticket in desk.store.tickets(limit=MANY)
    }
    return {name: number for number, names in received.items() for name in names[1:]}


def main() -> int:
    """Print what became of the mails, by shape; return the program's end."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--conversations", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        in_all, by_shape = run(chosen.conversations, chosen.seed, Path(folder))
    print(f"{'':32}{'mails':>8}{'right':>8}{'missed':>8}{'wrong':>8}{'unknowable':>12}")
    for shape, counts in [*sorted(by_shape.items()), ("in all", in_all)]:
        figures = "".join(f"{counts[name]:>8}" for name in ("right", "missed", "wrong"))
        print(f"{shape:32}{counts.total():>8}{figures}{counts['unknowable']:>12}")
    knowable = in_all.total() - in_all["unknowable"]
    right = in_all["right"]
    print(f"threaded right: {right / knowable:.2%} of the {knowable} that still name their ticket, or name none,")
    print(f"{right / in_all.total():.2%} of all {in_all.total()}; wrong joins: {in_all['wrong']}")
    return 1 if in_all["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
