"""Who is written to when a person cuts a mail, and when a cut is taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from mailgateway.app.desk import Act, Answered, Wanted, split, unsplit
from mailgateway.app.rules.active import ActiveRules
from mailgateway.app.snapshot import Snapshot
from mailgateway.model.people import Customer
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.model.ticket import Event, EventKind, Status
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.app.parts import OLGA, Desk, mail, snapshot_of
from tests.app.several import MORE, NEVER, ROUTING, RULES, SITE, THREE
from tests.app.test_answers_to_cut_mail import content
from tests.app.test_desk_split import FIRST, SECOND, THIRD, desk_with_three

CUSTOMER, AGENT = "ops@giant.example", OLGA.addresses[0]
GUARDED = load(
    RuleFiles(
        (
            (
                "guards.toml",
                b"""format = 1
kind = "guards"
[[rule]]
id = "one-an-hour"
when.answers.recent = { at_least = 1 }
silent = "answered just now"
""",
            ),
            ("routing.toml", ROUTING),
            ("site.toml", SITE),
            ("split.toml", NEVER),
        )
    ),
    starter_files(),
).rules
HOUR_S = 3600.0


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Iterator[Desk]:
    """Return a desk with the mail THREE on ticket 1, whose mails are sent."""
    for opened in desk_with_three(request, empty_database, tmp_path):
        later(opened, 60)
        yield opened


def later(desk: Desk, seconds: float) -> None:
    """Let time go by; what waited to be sent is sent."""
    mails(desk)
    desk.clock.advance(seconds)


def act(desk: Desk) -> Act:
    return Act(desk.clock.now(), "agent:olga", "three things")


def written(desk: Desk, rules: RuleSet = RULES) -> Snapshot:
    return replace(snapshot_of(desk.written), rules=rules)


def cut(desk: Desk, rules: RuleSet = RULES, ticket: int = 1, *, quiet: bool = False) -> Answered:
    return split(desk.store, ticket, Wanted(quiet=quiet), written(desk, rules), act(desk)).answered


def joined(desk: Desk, rules: RuleSet = RULES) -> Answered:
    return unsplit(desk.store, 2, act(desk), written(desk, rules)).answered


def mails(desk: Desk) -> tuple[list[EmailMessage], list[EmailMessage]]:
    """Return what waits to be sent to the customer, and to the agent."""
    now = desk.clock.now()
    claimed = desk.store.claim(now, 100, {1: now + timedelta(days=1)})
    read = {address: [one.raw for one in claimed if one.recipients == (address,)] for address in (CUSTOMER, AGENT)}
    assert sum(map(len, read.values())) == len(claimed)
    to_customer, to_agent = ([message_of(raw) for raw in raws] for raws in read.values())
    return to_customer, to_agent


def message_of(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, EmailMessage, policy=default)


def ref(desk: Desk, number: int) -> str:
    return desk.store.ticket(str(number)).ref


def event(desk: Desk, kind: EventKind, ticket: int = 1) -> Event:
    return [one for one in desk.store.history(ticket) if one.kind is kind][-1]


# --- a cut


def test_the_author_gets_one_mail_that_lists_the_tickets(desk: Desk) -> None:
    answered = cut(desk)

    (told,), _ = mails(desk)
    lines = content(told).splitlines()
    assert answered == Answered(CUSTOMER)
    assert [line for line in lines if line.startswith("[")] == [
        f"[{ref(desk, number)}] {title}" for number, title in enumerate((FIRST, SECOND, THIRD), start=1)
    ]
    assert "your mail holds 3 issues. Each has a ticket of its own now:" in lines
    assert (told["In-Reply-To"], told["Auto-Submitted"]) == ("<first@customer.example>", "auto-replied")
    assert event(desk, EventKind.ACKNOWLEDGED) == Event(
        desk.clock.now(), EventKind.ACKNOWLEDGED, "agent:olga", "three things", 1, details=(("to", CUSTOMER),)
    )
    assert [one.kind for one in desk.store.messages(1) if one.recipients == (CUSTOMER,)] == ["acknowledgement"] * 2


def test_the_mail_is_in_the_language_of_the_customer(desk: Desk) -> None:
    desk.store.import_customers([Customer("giant", "Giant", "enterprise", language="de")], [])

    cut(desk)

    (told,), _ = mails(desk)
    assert "Ihre E-Mail enthält 3 Anliegen. Jedes hat jetzt ein eigenes Ticket:" in content(told)


def test_agents_get_a_notice_of_every_ticket_with_its_part(desk: Desk) -> None:
    cut(desk)

    _, notices = mails(desk)
    words = [" ".join(content(one).split()) for one in notices]
    assert [str(one["Subject"]) for one in notices] == [
        f"Re: [{ref(desk, 1)}] {FIRST}", f"[{ref(desk, 2)}] {SECOND}", f"[{ref(desk, 3)}] {THIRD}"
    ]  # fmt: skip
    assert all(
        f"Why: agent:olga cut the mail on {ref(desk, 1)}: three things" in one and "of Giant" in one for one in words
    )
    assert [(FIRST in one, SECOND in one, THIRD in one) for one in (text.split("-----")[-1] for text in words)] == [
        (True, False, False), (False, True, False), (False, False, True)
    ]  # fmt: skip
    assert "Decided: queue support (default), kind question (default), priority 2" in words[1]
    assert "cut into several tickets (rule by-hand); a new ticket (rule by-hand); " in words[1]
    assert "acknowledged (rule acknowledge)" in words[1]
    assert "a new ticket" not in words[0]
    assert [event(desk, EventKind.NOTIFIED, number).details for number in (1, 2, 3)] == [(("to", "olga"),)] * 3


def test_of_a_reply_that_is_cut_the_mail_lists_its_ticket_and_the_new_one(desk: Desk) -> None:
    reply = mail("more", "In-Reply-To: <first@customer.example>", sender=f"Olga <{CUSTOMER}>", text=MORE)
    desk.arrive(reply)
    desk.drain(replace(desk.work(), rules=ActiveRules(RULES)))
    later(desk, 60)

    cut(desk)

    (told,), (notice,) = mails(desk)
    assert [line for line in content(told).splitlines() if line.startswith("[")] == [
        f"[{ref(desk, 1)}] Several things", f"[{ref(desk, 2)}] How can I change the colour of the door?"
    ]  # fmt: skip
    assert told["In-Reply-To"] == "<more@customer.example>"
    assert str(notice["Subject"]).startswith(f"[{ref(desk, 2)}] ")


def test_an_answer_to_the_mail_goes_on_the_ticket_that_it_names(desk: Desk) -> None:
    cut(desk)
    (told,), _ = mails(desk)
    text = f"{ref(desk, 3)} is solved."

    desk.arrive(mail("answer", f"In-Reply-To: {told['Message-ID']}", sender=f"Olga <{CUSTOMER}>", text=text))
    desk.drain()

    assert desk.posts(3)[-1] == "answer@customer.example"


# --- who is not written to


def test_a_quiet_cut_tells_agents_alone(desk: Desk) -> None:
    answered = cut(desk, quiet=True)

    to_customer, notices = mails(desk)
    assert (answered, to_customer, len(notices)) == (Answered("", "nobody was to be written to"), [], 3)
    silent = event(desk, EventKind.NOT_ANSWERED)
    assert (silent.actor, silent.because) == ("agent:olga", "nobody was to be written to")


def test_nobody_is_told_of_a_cut_of_a_ticket_that_is_held(desk: Desk) -> None:
    desk.store.change_status(1, Status.HELD, Event(desk.clock.now(), EventKind.STATUS, "admin", "wait", 1))

    answered = cut(desk)

    assert (answered, mails(desk)[0]) == (Answered("", f"{ref(desk, 1)} is held"), [])


def test_mail_of_a_folder_that_is_not_answered_is_not_answered_by_a_cut_either(desk: Desk) -> None:
    desk.arrive(mail("junk", sender=f"Olga <{CUSTOMER}>", text=THREE), answerable=False)
    desk.drain(replace(desk.work(), rules=ActiveRules(RULES)))

    answered = cut(desk, ticket=2)

    assert (answered.to, mails(desk)[0]) == ("", [])
    assert event(desk, EventKind.NOT_ANSWERED, 2).actor == "rule:silent-folder"


@pytest.mark.parametrize(("seconds", "to"), [(0, ""), (HOUR_S, CUSTOMER)])
def test_guards_count_what_the_author_was_answered_by_now(desk: Desk, seconds: float, to: str) -> None:
    later(desk, seconds)

    answered = cut(desk, GUARDED)

    assert (answered, len(mails(desk)[0])) == (Answered(to, "" if to else "answered just now"), int(bool(to)))


# --- the end of a cut


def test_the_author_is_told_that_the_tickets_are_one_again(desk: Desk) -> None:
    cut(desk, quiet=True)
    mails(desk)

    answered = joined(desk)

    (told,), notices = mails(desk)
    assert (answered, notices) == (Answered(CUSTOMER), [])
    assert f"are one again: {ref(desk, 1)}." in " ".join(content(told).split())
    assert str(told["Subject"]) == f"[{ref(desk, 1)}] Re: Several things"
    assert told["In-Reply-To"] == "<first@customer.example>"
    informed = event(desk, EventKind.INFORMED)
    assert (informed.actor, informed.details) == ("agent:olga", (("to", CUSTOMER), ("told", "joined")))


def test_the_end_of_a_cut_can_be_quiet(desk: Desk) -> None:
    cut(desk, quiet=True)
    mails(desk)

    answered = unsplit(desk.store, 3, act(desk)).answered

    assert (answered, mails(desk)) == (Answered("", "nobody was to be written to"), ([], []))


@pytest.mark.parametrize(("seconds", "to"), [(0, ""), (HOUR_S, CUSTOMER)])
def test_guards_hold_back_what_is_said_of_the_end_of_a_cut(desk: Desk, seconds: float, to: str) -> None:
    cut(desk, quiet=True)
    later(desk, seconds)

    answered = joined(desk, GUARDED)

    assert (answered, len(mails(desk)[0])) == (Answered(to, "" if to else "answered just now"), int(bool(to)))
