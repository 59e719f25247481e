"""Does every mail find its ticket, and none a wrong one? `python -m bench.conversations`.

Customers write, get acknowledgements, and answer them by three programs; on the way ids are dropped or rewritten (by a
relay that tells the new one, as Amazon SES does, or by one that does not), subjects translated, ticket IDs mangled,
addresses taken from the address book. Outlook's conversations lose their references, customers' ticket systems number
our tickets. Colleagues reply to all, mail systems bounce, strangers quote and forge, and everybody has the same few
subjects. All of it is processed by the gateway's
own code on a SQLite store. Ends with 1 where a mail was joined to a wrong ticket.
"""

import argparse
import logging
import random
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import structlog

from bench.correspondence import (
    CUSTOMERS,
    OTHERS,
    PEOPLE,
    Opened,
    Sent,
    World,
    answers,
    automatic_answer,
    first_mail,
    foreign_number,
)
from mailgateway.adapters.store.schema import upgrade
from mailgateway.model.ledger import RecipientResult
from mailgateway.model.people import Customer
from tests.app.parts import Desk, config, open_desk

MANY = 1_000_000


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
    learnt = [automatic_answer(world, each) for each in opened]
    for mails in (learnt, sent):
        desk.arrive(*(bytes(one.mail) for one in mails))
        desk.drain()
    joined = _joined(desk)
    desk.store.close()
    by_shape: dict[str, Counter[str]] = {}
    for one in (*learnt, *sent):
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
    written = config()
    mailbox = written.mailbox[0].model_copy(update={"plus_addressing": True})
    url = f"sqlite:///{folder / 'gateway.db'}"
    upgrade(url)
    desk = open_desk(url, folder, written.model_copy(update={"mailbox": (mailbox,)}))
    names = [f"customer{number}" for number in range(CUSTOMERS)]
    people = [(f"Person {one}", f"person{one}@{name}.example", name) for name in names for one in range(PEOPLE)]
    desk.store.import_customers([Customer(name, name) for name in names], people)
    return desk


def _opened(desk: Desk, world: World, conversations: int) -> list[Opened]:
    """Return the tickets that first mails opened, with what was sent to their writers over a relay that gives ids."""
    firsts = [first_mail(world, number) for number in range(conversations)]
    desk.arrive(*(bytes(first) for first in firsts))
    desk.drain()
    numbers = {str(first["Message-ID"]): number for number, first in enumerate(firsts)}
    now, opened = desk.clock.now(), []
    for delivery in desk.store.claim(now, MANY, {1: now + timedelta(hours=1)}):
        mail, relayed = message_from_bytes(delivery.raw, policy=policy.default), world.relayed()
        taken = tuple(RecipientResult(recipient, 250, f"Ok {relayed}") for recipient in delivery.recipients)
        desk.store.settle_all(((delivery, taken, None),), now)
        number = numbers.get(str(mail["In-Reply-To"]))
        if number is not None and delivery.ticket is not None and isinstance(mail, EmailMessage):
            opened.append(Opened(delivery.ticket, firsts[number], mail, relayed, foreign_number(number)))
    return opened


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
