"""Names that others give, in a database of the first release that was upgraded with data in it."""

from mailgateway.adapters.store import SqlStore
from mailgateway.model.decision import KnownMessage
from mailgateway.model.ledger import RecipientResult
from mailgateway.model.names import ForeignRef, KnownNames, Learnt, Names
from tests.store.steps import look_up, settle
from tests.store.values import ANNA, MAILBOX, MINUTE, NOW, keys, message, new_ticket, opened

SES = "0102018c5e1b2a3f-0a1b2c3d-1111-2222-3333-444455556666-000000"


def test_what_was_there_before_is_there_after(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "me", NOW, 60)
    assert lease is not None

    known = look_up(upgraded, lease, keys(message(9), message_ids=("t1.o1.mac@help.test", "m1@example.com")))

    assert known.referred == (
        KnownMessage("t1.o1.mac@help.test", "", ours=True, mail=None, tickets=(1,), acknowledgement="It is broken."),
        KnownMessage("m1@example.com", "digest1", ours=False, mail=1, tickets=(1,)),
    )
    assert [(one.number, one.ref, one.requester_address) for one in known.tickets] == [(1, "SUP-1-QX", ANNA)]
    assert [one.text for one in upgraded.messages(1)] == ["It is broken.", "It is broken."]
    assert [one.kind for one in upgraded.history(1)] == ["opened"]
    assert [mail.id for mail in upgraded.begin(lease, NOW, 10)] == [2]


def test_what_waited_to_be_sent_is_sent_and_its_new_id_is_kept(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "me", NOW, 60)
    assert lease is not None

    (claimed,) = upgraded.claim(NOW, 10, {1: NOW + MINUTE})
    settle(upgraded, claimed, [RecipientResult(ANNA, 250, f"Ok {SES}")], NOW, None)

    known = look_up(upgraded, lease, keys(message(9), message_ids=(f"{SES}@amazonses.com",)))
    assert [one.tickets for one in known.referred] == [(1,)]


def test_what_waited_to_be_read_becomes_a_ticket_and_teaches_names(upgraded: SqlStore) -> None:
    lease = upgraded.acquire(MAILBOX, "me", NOW, 60)
    assert lease is not None
    lesson = Learnt(conversation="c", refs=(ForeignRef("example.com", "99", 1),))

    (pending,) = upgraded.begin(lease, NOW, 10)
    with upgraded.batch(lease) as batch:
        ids = batch.reserve(1, 2)
        batch.write(opened(pending.id, ids, message(3), learnt=lesson, tickets=(new_ticket(2, links=(1,)),)))

    names = Names(conversation="c", ref_owner="example.com", refs=("99",))
    assert (ids.tickets, ids.outbox) == ((2,), (2, 3))
    assert look_up(upgraded, lease, keys(message(9), names=names)).names == KnownNames((2,), lesson.refs)
