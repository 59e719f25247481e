"""What becomes of answers to the acknowledgement of a mail that was cut, from the ledger to the store."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from mailgateway.model.ledger import MailState
from mailgateway.model.ticket import Event, EventKind, Status, Ticket
from tests.app.parts import NOW, OLGA, SUPPORT, Desk, mail
from tests.app.test_cut_mail import THREE

CUSTOMER, AGENT = "carla@customer.example", OLGA.addresses[0]
QUOTE = "\r\n\r\nOn Sunday, Support wrote:\r\n"
TITLES = (
    "Node 17 does not come back after the reboot.",
    "The licence page shows an expired date for us.",
    "How do we add a second administrator account?",
)


def sent(desk: Desk, recipient: str) -> list[EmailMessage]:
    """Return what waits to be sent to an address, oldest first; it does not wait any more."""
    claimed = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now() + timedelta(days=1)})
    mails = [message_from_bytes(one.raw, policy=default) for one in claimed if recipient in one.recipients]
    return [one for one in mails if isinstance(one, EmailMessage)]


def content(one: EmailMessage, kind: str = "plain") -> str:
    body = one.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def cut(desk: Desk) -> tuple[Desk, EmailMessage]:
    """Return the desk with the tickets 1, 2 and 3 of one mail, and their acknowledgement."""
    desk.arrive(mail("several", subject="Several things", text=THREE))
    desk.drain()
    desk.clock.advance(60)
    return desk, next(one for one in sent(desk, CUSTOMER) if one["Auto-Submitted"] == "auto-replied")


def answered(desk: Desk, to: EmailMessage, text: str, **headers: str) -> None:
    """Let the customer answer a mail."""
    reply = (f"In-Reply-To: {to['Message-ID']}", f"References: {to['Message-ID']}")
    desk.arrive(mail("answer", *reply, subject=headers.get("subject", f"Re: {to['Subject']}"), text=text))
    desk.drain()


def quoted(to: EmailMessage) -> str:
    return QUOTE + "\r\n".join(f"> {line}" for line in content(to).splitlines())


def tickets(desk: Desk) -> Sequence[Ticket]:
    return sorted(desk.store.tickets(), key=lambda one: one.number)


def with_answer(desk: Desk) -> list[int]:
    return [number for number in (1, 2, 3) if "answer@customer.example" in desk.posts(number)]


def why(desk: Desk, ticket: int) -> str:
    return [event.because for event in desk.store.history(ticket) if event.kind is EventKind.MESSAGE][-1]


# --- where an answer goes


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_answer_goes_on_the_ticket_that_it_names(cut: tuple[Desk, EmailMessage], number: int) -> None:
    desk, acknowledgement = cut
    ref = tickets(desk)[number - 1].ref

    answered(desk, acknowledgement, f"{ref}: it is solved.{quoted(acknowledgement)}")

    assert with_answer(desk) == [number]
    assert why(desk, number).startswith(f"the answer names {ref} of the 3 tickets that the mail became; ")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_answer_below_the_line_of_a_ticket_goes_on_it(cut: tuple[Desk, EmailMessage], number: int) -> None:
    desk, acknowledgement = cut
    line = f"> [{tickets(desk)[number - 1].ref}] {TITLES[number - 1]}"

    answered(desk, acknowledgement, quoted(acknowledgement).replace(line, f"{line}\r\nThat is solved."))

    assert with_answer(desk) == [number]


def of_outlook(to: EmailMessage, line: str, words: str) -> bytes:
    """Return an answer in plain text, which marks no quoted line, with words below one of them."""
    lines = (f"From: Support <{SUPPORT}>", "Sent: Sunday, 1 March 2026 12:00", "To: Carla", f"Subject: {to['Subject']}")
    text = "\r\n".join(content(to).splitlines()).replace(line, f"{line}\r\n{words}")
    return reply(to, "text/plain", "\r\n".join(("See below.", "", *lines, "", text)))


def of_a_phone(to: EmailMessage, line: str, words: str) -> bytes:
    """Return an answer in HTML with words below a line, within the quote as iPhones have it."""
    html = content(to, "html").replace(f"{line}</p>", f"{line}</p><div>{words}</div>")
    whole = f"<div>See below.</div><div>On 1 Mar 2026, Support wrote:</div><blockquote type='cite'>{html}</blockquote>"
    return reply(to, "text/html", whole)


def reply(to: EmailMessage, kind: str, text: str) -> bytes:
    raw = mail("answer", f"In-Reply-To: {to['Message-ID']}", subject=f"Re: {to['Subject']}", text=text)
    return raw.replace(b"text/plain", kind.encode())


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("answer", [of_outlook, of_a_phone])
def test_words_within_a_quote_without_marks_go_on_the_ticket_that_they_stand_below(
    cut: tuple[Desk, EmailMessage], answer: Callable[[EmailMessage, str, str], bytes], number: int
) -> None:
    desk, acknowledgement = cut
    title = TITLES[number - 1]

    desk.arrive(answer(acknowledgement, title, "That is solved."))
    desk.drain()

    assert with_answer(desk) == [number]
    assert why(desk, number).startswith(f"the answer names {tickets(desk)[number - 1].ref} of the 3 tickets")
    assert desk.store.messages(number)[-2].text == "See below.\n\nThat is solved."
    assert "That is solved." in content(sent(desk, AGENT)[-1])


@pytest.mark.parametrize("answer", [of_outlook, of_a_phone])
def test_a_quote_without_marks_that_nobody_wrote_in_names_no_ticket(
    cut: tuple[Desk, EmailMessage], answer: Callable[[EmailMessage, str, str], bytes]
) -> None:
    desk, acknowledgement = cut

    desk.arrive(answer(acknowledgement, "nowhere", ""))
    desk.drain()

    assert with_answer(desk) == [1]
    assert why(desk, 1).startswith("the answer names none of the 3 tickets")
    assert desk.store.messages(1)[-2].text == "See below."


def test_an_answer_that_names_none_goes_on_the_first_and_agents_are_told(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut

    answered(desk, acknowledgement, f"Thank you, that was quick!{quoted(acknowledgement)}")

    assert with_answer(desk) == [1]
    notice = " ".join(content(sent(desk, AGENT)[-1]).split())
    assert "Why: the answer names none of the 3 tickets that the mail became; " in notice


def test_an_answer_that_names_several_goes_on_the_first_it_names_and_agents_see_the_others(
    cut: tuple[Desk, EmailMessage],
) -> None:
    desk, acknowledgement = cut
    _, second, third = (one.ref for one in tickets(desk))

    answered(desk, acknowledgement, f"{third} is solved, {second} is not.")

    assert with_answer(desk) == [3]
    notice = " ".join(content(sent(desk, AGENT)[-1]).split())
    assert f"Names: {second} (the mail was not added there)" in notice


def test_the_id_of_a_ticket_in_the_subject_says_which(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut

    answered(desk, acknowledgement, "It is solved.", subject=f"Re: [{tickets(desk)[1].ref}] Licence")

    assert with_answer(desk) == [2]


def test_an_answer_to_an_agents_later_mail_stays_in_its_conversation(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    first, second, _ = tickets(desk)
    to_all = (f"In-Reply-To: {acknowledgement['Message-ID']}", f"References: {acknowledgement['Message-ID']}")
    desk.arrive(mail("agents", *to_all, sender=f"Olga <{AGENT}>", subject=str(acknowledgement["Subject"])))
    desk.drain()
    refs = f"{acknowledgement['Message-ID']} <agents@customer.example>"
    reply = ("In-Reply-To: <agents@customer.example>", f"References: {refs}")

    desk.arrive(mail("answer", *reply, subject=f"Re: [{first.ref}] Several things", text=f"As {second.ref} is."))
    desk.drain()

    assert with_answer(desk) == [1]
    assert "tickets that the mail became" not in why(desk, 1)


# --- the tickets become one again


@pytest.mark.parametrize(
    "text", ["Please keep this as one ticket.", "#unsplit", "Bitte alles in einem Ticket behandeln"]
)
@pytest.mark.parametrize("number", [1, 2])
def test_a_customer_who_asks_for_one_ticket_gets_it(cut: tuple[Desk, EmailMessage], text: str, number: int) -> None:
    desk, acknowledgement = cut
    ref = tickets(desk)[number - 1].ref

    answered(desk, acknowledgement, f"{text}{quoted(acknowledgement)}", subject=f"Re: [{ref}] Several things")

    first, *others = tickets(desk)
    assert (first.title, first.status, first.priority) == ("Several things", Status.NEW, 3)
    assert [(one.status, one.merged_into) for one in others] == [(Status.MERGED, 1)] * 2
    assert with_answer(desk) == [1]
    assert desk.store.messages(1)[0].message_id == "several@customer.example"


def test_words_with_the_wish_open_the_ticket_where_all_parts_were_resolved(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    for number in (1, 2, 3):
        desk.store.change_status(number, Status.RESOLVED, Event(NOW, EventKind.STATUS, "agent:olga", "done", number))

    answered(desk, acknowledgement, "Please keep this as one. The licence page is still wrong.")

    first, *_ = tickets(desk)
    assert (first.title, first.status) == ("Several things", Status.OPEN)
    assert [event.details for event in desk.store.history(1) if event.actor == "rule:reopen"] == [
        (("from", "resolved"), ("to", "open"))
    ]


def test_who_asked_for_one_ticket_and_agents_are_told(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    first, second, third = tickets(desk)

    answered(desk, acknowledgement, "Please keep this as one.")

    assert [(one.kind, one.actor, one.details) for one in desk.store.history(1)[-4:]] == [
        (
            EventKind.JOINED,
            f"customer:{CUSTOMER}",
            (("from", f"{second.ref}, {third.ref}"), ("title", f"{TITLES[0]} > Several things")),
        ),
        (EventKind.MESSAGE, "rule:one-ticket", (("by", f"requester:{CUSTOMER}"), ("rung", "our_message_id"))),
        (EventKind.INFORMED, "rule:one-ticket", (("to", CUSTOMER), ("told", "joined"))),
        (EventKind.NOTIFIED, "rule:notify-reply", (("to", "olga"),)),
    ]
    merged = desk.store.history(2)[-1]
    assert (merged.kind, merged.actor, merged.details) == (
        EventKind.MERGED,
        f"customer:{CUSTOMER}",
        (("into", first.ref),),
    )
    claimed = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now() + timedelta(days=1)})
    mails = {one.recipients[0]: message_from_bytes(one.raw, policy=default) for one in claimed}
    told, notice = mails[CUSTOMER], mails[AGENT]
    assert isinstance(told, EmailMessage)
    assert isinstance(notice, EmailMessage)
    assert f"are one again: {first.ref}" in " ".join(content(told).split())
    assert f"[{first.ref}] Several things" in str(notice["Subject"])
    assert "Decided: its parts are one ticket again (rule one-ticket); " in " ".join(content(notice).split())


def test_a_later_answer_to_a_number_that_vanished_arrives_at_the_first(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    vanished = tickets(desk)[2].ref
    answered(desk, acknowledgement, "#unsplit")

    desk.arrive(mail("later", subject=f"Re: [{vanished}] Administrator"))
    desk.drain()

    assert desk.posts(1)[-1] == "later@customer.example"
    assert len(tickets(desk)) == 3
    assert why(desk, 1).startswith(f"the ticket ID {tickets(desk)[0].ref}; ")


def test_a_cut_is_undone_once(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    answered(desk, acknowledgement, "#unsplit")

    desk.arrive(mail("again", f"In-Reply-To: {acknowledgement['Message-ID']}", text="#unsplit"))
    desk.drain()

    assert [event.kind for event in desk.store.history(1)].count(EventKind.JOINED) == 1
    assert desk.posts(1)[-1] == "again@customer.example"
    assert set(desk.states()) == {MailState.PROCESSED}


@pytest.mark.parametrize("text", ["Please do not keep this as one ticket.", "Keep me posted."])
def test_who_does_not_ask_for_one_ticket_keeps_several(cut: tuple[Desk, EmailMessage], text: str) -> None:
    desk, acknowledgement = cut

    answered(desk, acknowledgement, f"{text}{quoted(acknowledgement)}")

    assert [one.status for one in tickets(desk)] == [Status.NEW] * 3


def test_who_asks_for_some_of_the_tickets_keeps_them_all(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    first, second, _ = (one.ref for one in tickets(desk))

    answered(desk, acknowledgement, f"{first} and {second}: please keep these as one ticket.")

    assert [one.status for one in tickets(desk)] == [Status.NEW] * 3


def test_a_stranger_undoes_nothing(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    to = f"In-Reply-To: {acknowledgement['Message-ID']}"

    desk.arrive(mail("answer", to, sender="Mallory <mallory@evil.example>", text="#unsplit"))
    desk.drain()

    assert [one.status for one in tickets(desk)] == [Status.NEW] * 3
    assert with_answer(desk) == [1]


def test_mail_that_is_not_answered_undoes_a_cut_without_a_word(cut: tuple[Desk, EmailMessage]) -> None:
    desk, acknowledgement = cut
    to = f"In-Reply-To: {acknowledgement['Message-ID']}"

    desk.arrive(mail("answer", to, "X-Auto-Response-Suppress: All", text="#unsplit"))
    desk.drain()

    assert [one.merged_into for one in tickets(desk)] == [None, 1, 1]
    assert not sent(desk, CUSTOMER)
