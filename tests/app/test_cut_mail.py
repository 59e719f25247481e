"""A mail with several issues, from the ledger to tickets: one transaction, one acknowledgement."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from mailgateway.app.process import Processing
from mailgateway.app.rules.active import ActiveRules
from mailgateway.model.decision import Outcome
from mailgateway.model.ledger import MailState
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.model.ticket import EventKind, Ticket
from mailgateway.rules.kinds.split import MAX_PARTS
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.app.parts import Desk, mail
from tests.app.test_quotas import PRIORITY, QUOTA, SITE, with_customer
from tests.rules.test_errors_inside_rules import broken, misshapen

THREE = """Hello,

we have three issues:
1. Node 17 does not come back after the reboot.
2. The licence page shows an expired date for us.
3. How do we add a second administrator account?"""
TITLES = [
    "Node 17 does not come back after the reboot.",
    "The licence page shows an expired date for us.",
    "How do we add a second administrator account?",
]
SPLIT = b"""
format = 1
kind = "split"
[[rule]]
id = "several"
when.list.items = { at_least = 2 }
split = "one ticket per item"
[[rule]]
id = "reply-several"
on = "reply"
when.list.items = { at_least = 2 }
split = "one ticket per item"
"""
CAPPED = b"""
format = 1
kind = "quota"
[[quota]]
id = "outages"
when.customer.plan = "enterprise"
when.text.mentions = "production down"
unless.text.mentions = "invoice"
allow = 1
per = "calendar month"
"""


def ruled(**files: bytes) -> RuleSet:
    written = {"site": SITE, "split": SPLIT, **files}
    return load(
        RuleFiles(tuple(sorted((f"{name}.toml", text) for name, text in written.items()))), starter_files()
    ).rules


def working(desk: Desk, rules: RuleSet, made: list[Outcome] | None = None) -> Processing:
    told = [] if made is None else made
    return replace(desk.work(), rules=ActiveRules(rules), decided=told.append)


def several(
    name: str = "several", *headers: str, text: str = THREE, sender: str = "Carla <carla@customer.example>"
) -> bytes:
    return mail(name, *headers, subject="Several things", text=text, sender=sender)


def tickets(desk: Desk) -> list[Ticket]:
    return sorted(desk.store.tickets(), key=lambda one: one.number)


def texts_to(desk: Desk, address: str) -> list[str]:
    """Return the texts of the mails that wait for somebody, in order."""
    due = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now()})
    read = [
        message_from_bytes(one.raw, policy=default).get_body(("plain",)) for one in due if address in one.recipients
    ]
    return [part.get_content() for part in read if part is not None]


def test_a_mail_with_three_announced_issues_makes_three_tickets_and_one_acknowledgement(desk: Desk) -> None:
    desk.arrive(several())

    desk.drain()

    made = tickets(desk)
    assert [one.title for one in made] == TITLES
    (acknowledgement,) = texts_to(desk, "carla@customer.example")
    assert all(f"[{one.ref}] {one.title}" in acknowledgement for one in made)
    assert [event.kind for event in desk.store.history(made[1].number)] == [
        EventKind.OPENED,
        EventKind.SPLIT,
        EventKind.LINKED,
        EventKind.LINKED,
        EventKind.NOTIFIED,
    ]
    assert desk.states() == [MailState.PROCESSED]


def test_every_ticket_shows_its_own_part_of_the_mail(desk: Desk) -> None:
    desk.arrive(several())

    desk.drain()

    for number, ticket in enumerate(tickets(desk), start=1):
        (message,) = desk.store.messages(ticket.number)[:1]
        rest = [title for title in TITLES if title != ticket.title]
        assert (message.part, message.incoming) == (number, True)
        assert message.text.startswith("Hello,")
        assert f"{number}. {ticket.title}" in message.text
        assert not any(title in message.text for title in rest)


def test_the_files_of_a_mail_go_to_the_parts_that_name_them_and_those_that_nobody_names_to_all(desk: Desk) -> None:
    made: list[Outcome] = []
    text = THREE.replace("after the reboot", "after the reboot, see node17.log")
    named = (f'--b\r\nContent-Type: text/plain; name="{name}"\r\n\r\nx\r\n' for name in ("node17.log", "photo.png"))
    body = f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n{''.join(named)}--b--"
    raw = several(text=body).replace(b"text/plain; charset=utf-8", b"multipart/mixed; boundary=b", 1)
    desk.arrive(raw)

    desk.drain(working(desk, ruled(), made))

    (cut,) = (one.cut for one in made)
    assert cut is not None
    assert [piece.files for piece in cut.pieces] == [("node17.log", "photo.png"), ("photo.png",), ("photo.png",)]


def test_of_a_mail_s_parts_one_takes_the_place_of_a_quota_and_the_next_mail_finds_it_taken(desk: Desk) -> None:
    with_customer(desk)
    text = "Two issues:\n1. Production down in Berlin.\n2. Production down in Rome."
    work = working(desk, ruled(priority=PRIORITY, quota=QUOTA))
    sender = "Olga <ops@giant.example>"

    desk.arrive(several("first", text=text, sender=sender), several("second", text=text, sender=sender))
    desk.drain(work)

    made = tickets(desk)
    assert [(one.priority, one.tags) for one in made] == [
        (2, ()),
        (3, ()),  # of one mail's parts only the first counts
        (3, ("over-quota",)),
        (3, ("over-quota",)),
    ]
    assert [len(desk.store.quota(one.number)) for one in made] == [1, 0, 0, 0]


def test_a_quota_that_one_part_matches_and_the_whole_mail_does_not_is_counted(desk: Desk) -> None:
    with_customer(desk)
    text = "Two issues:\n1. Production down in Berlin.\n2. The invoice is wrong."

    desk.arrive(several(text=text, sender="Olga <ops@giant.example>"))
    desk.drain(working(desk, ruled(quota=CAPPED)))

    assert [[record.entry.key.quota for record in desk.store.quota(one.number)] for one in tickets(desk)] == [
        ["outages"],
        [],
    ]


@pytest.mark.parametrize(("count", "number"), [(MAX_PARTS, MAX_PARTS), (MAX_PARTS + 1, 1)])
def test_a_mail_becomes_twelve_tickets_at_most(desk: Desk, count: int, number: int) -> None:
    lines = (f"{i}. Machine {i} does not start since Monday." for i in range(1, count + 1))
    desk.arrive(several(text="We have several problems:\n" + "\n".join(lines)))

    desk.drain(working(desk, ruled()))

    assert len(tickets(desk)) == number
    assert desk.states() == [MailState.PROCESSED]


@pytest.mark.parametrize(
    ("rules", "tag"),
    [(broken(ruled(), "several"), "rules-error"), (misshapen(ruled(), "several"), "rules-failed")],
    ids=["inside", "outside"],
)
def test_a_failing_rule_of_split_leaves_one_whole_ticket(desk: Desk, rules: RuleSet, tag: str) -> None:
    desk.arrive(several())

    desk.drain(working(desk, rules))

    (ticket,) = tickets(desk)
    assert (ticket.title, ticket.tags) == ("Several things", (tag,))
    assert [message.text for message in desk.store.messages(ticket.number) if message.incoming] == [THREE]


def test_a_reply_that_is_cut_leaves_its_first_item_on_the_ticket_and_opens_linked_ones(desk: Desk) -> None:
    work = working(desk, ruled())
    desk.arrive(mail("first", subject="Printer", text="The printer on floor two does not print."))
    desk.drain(work)
    answer = THREE.replace("Node 17", "The printer")

    desk.arrive(several("second", "In-Reply-To: <first@customer.example>", text=answer))
    desk.drain(work)

    old, *new = tickets(desk)
    assert [one.title for one in (old, *new)] == ["Printer", *TITLES[1:]]
    assert desk.posts(old.number) == ["first@customer.example", "second@customer.example"]
    assert [(one.part, one.text) for one in desk.store.messages(old.number) if one.incoming] == [
        (0, "The printer on floor two does not print."),
        (1, "Hello,\n\nwe have three issues:\n1. The printer does not come back after the reboot."),
    ]
    assert [event.kind for event in desk.store.history(new[0].number)][:4] == [
        EventKind.OPENED,
        EventKind.SPLIT,
        EventKind.LINKED,
        EventKind.LINKED,
    ]
    _, listed = texts_to(desk, "carla@customer.example")
    assert all(f"[{one.ref}] {one.title}" in listed for one in (old, *new))
    assert "names a ticket number" not in listed
