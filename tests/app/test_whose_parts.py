"""Who can cut what, join it, and be heard on it: words do not change hands by being cut or joined."""

from dataclasses import replace

import pytest

from mailgateway.app.desk import Act, Wanted, merge, split, unsplit
from mailgateway.config import MailboxConfig
from mailgateway.errors import PermanentError
from mailgateway.model.people import Customer
from mailgateway.model.ticket import Visibility
from tests.app.parts import NOW, OLGA, Desk, mail, snapshot_of
from tests.app.test_answers_to_cut_mail import sent
from tests.app.test_cut_mail import THREE, ruled, several, tickets, working
from tests.invariant import assert_cuts_hold

ACT = Act(NOW, "agent:olga", "as it should be")
OPS = "ops@giant.example"


def by_hand(desk: Desk, ticket: int) -> None:
    split(desk.store, ticket, Wanted(), replace(snapshot_of(desk.written), rules=ruled()), ACT)


def process(desk: Desk, *raws: bytes) -> None:
    desk.arrive(*raws)
    desk.drain()


# --- what a person cuts


@pytest.fixture
def of_giant(desk: Desk) -> Desk:
    """Return the desk with a customer's ticket 1."""
    desk.store.import_customers([Customer("giant", "Giant", "enterprise")], [("Olga", OPS, "giant")])
    process(desk, mail("first", sender=f"Olga <{OPS}>", text="The lamp is broken."))
    return desk


def test_a_stranger_s_mail_on_a_customer_s_ticket_makes_no_ticket_of_that_customer(of_giant: Desk) -> None:
    to = f"In-Reply-To: {sent(of_giant, OPS)[0]['Message-ID']}"
    process(of_giant, several("second", to, sender="Mallory <mallory@evil.example>"))

    with pytest.raises(PermanentError, match="there is nothing to split"):
        by_hand(of_giant, 1)

    assert of_giant.posts(1) == ["first@customer.example", "second@customer.example"]
    assert len(tickets(of_giant)) == 1


def test_an_agent_s_own_list_is_not_cut(of_giant: Desk) -> None:
    mailbox: MailboxConfig = of_giant.written.mailbox[0].model_copy(update={"authserv_id": "mx.acme.example"})
    of_giant.written = of_giant.written.model_copy(update={"mailbox": (mailbox,)})
    proof = "Authentication-Results: mx.acme.example; dmarc=pass header.from=acme.example"
    to = f"In-Reply-To: {sent(of_giant, OLGA.addresses[0])[0]['Message-ID']}"
    process(of_giant, proof.encode() + b"\r\n" + several("second", to, sender="Olga <olga@acme.example>"))

    with pytest.raises(PermanentError, match="there is nothing to split"):
        by_hand(of_giant, 1)

    (note,) = [one for one in of_giant.store.messages(1) if one.sender == "olga@acme.example"]
    assert (note.visibility, note.verified) == (Visibility.INSIDE, True)


# --- who joins


def test_who_takes_part_in_one_of_the_tickets_alone_does_not_get_to_the_others_by_joining_them(desk: Desk) -> None:
    process(desk, several())
    process(desk, mail("other", sender="Bob <bob@else.example>", text="The page shows an expired date."))
    merge(desk.store, 4, 2, ACT)
    to = f"In-Reply-To: {sent(desk, 'bob@else.example')[0]['Message-ID']}"

    process(desk, mail("wish", to, sender="Bob <bob@else.example>", text="#unsplit"))

    assert [(one.merged_into, "bob@else.example" in one.participants) for one in tickets(desk)] == [
        (None, False),
        (None, True),
        (None, False),
        (2, True),
    ]
    assert desk.posts(2)[-1] == "wish@customer.example"


# --- where words go


def test_what_outlook_continues_of_a_cut_mail_opens_no_further_ticket(desk: Desk) -> None:
    headers = ("Thread-Index: AQHbVSl7SGUFoZHcaUSHjuPg2oTzxg==", "Thread-Topic: Several things")
    process(desk, several("first", *headers))
    third = tickets(desk)[2].ref

    again = mail("again", *headers, subject="RE: Several things", text="I forgot: it is the node in the cellar.")
    named = mail("named", *headers, subject="RE: Several things", text=f"{third} is solved.")
    process(desk, again, named)

    assert [desk.posts(number)[1:] for number in (1, 2, 3)] == [
        ["again@customer.example"],
        [],
        ["named@customer.example"],
    ]
    assert len(tickets(desk)) == 3


def test_a_part_on_which_a_reply_was_cut_is_joined_and_that_cut_can_still_be_undone(desk: Desk) -> None:
    work = working(desk, ruled())
    desk.arrive(several("first"))
    desk.drain(work)
    second = tickets(desk)[1].ref
    to = "In-Reply-To: <first@customer.example>"
    desk.arrive(several("second", to, text=f"{second}:\n\n{THREE}"), mail("wish", to, text="#unsplit"))
    desk.drain(work)

    joined = [one.merged_into for one in tickets(desk)]
    shown = [one.text for one in desk.store.messages(1) if one.message_id == "second@customer.example"]
    assert_cuts_hold(desk.store)
    unsplit(desk.store, 4, ACT)

    assert joined == [None, 1, 1, None, None]
    assert shown == [f"{second}:\n\n{THREE}"]
    assert [one.merged_into for one in tickets(desk)] == [None, 1, 1, 1, 1]
    assert_cuts_hold(desk.store)
