"""A mail with several issues, from the ledger to tickets: one transaction, one acknowledgement."""

from email import message_from_bytes
from email.policy import default

from mailgateway.model.ticket import EventKind
from tests.app.parts import Desk, mail

THREE = """Hello,

we have three issues:
1. Node 17 does not come back after the reboot.
2. The licence page shows an expired date for us.
3. How do we add a second administrator account?

Regards
Carla"""


def test_a_mail_with_three_announced_issues_makes_three_tickets_and_one_acknowledgement(desk: Desk) -> None:
    desk.arrive(mail("several", subject="Several things", text=THREE))

    desk.drain()

    tickets = sorted(desk.store.tickets(), key=lambda one: one.number)
    assert [one.title for one in tickets] == [
        "Node 17 does not come back after the reboot.",
        "The licence page shows an expired date for us.",
        "How do we add a second administrator account?",
    ]
    sent = desk.store.claim(desk.clock.now(), 100, {1: desk.clock.now()})
    to_customer = [one for one in sent if "carla@customer.example" in one.recipients]
    assert len(to_customer) == 1
    body = message_from_bytes(to_customer[0].raw, policy=default).get_body(("plain",))
    assert body is not None
    assert all(f"[{one.ref}] {one.title}" in body.get_content() for one in tickets)
    assert [event.kind for event in desk.store.history(tickets[1].number)] == [
        EventKind.OPENED,
        EventKind.SPLIT,
        EventKind.LINKED,
        EventKind.LINKED,
        EventKind.NOTIFIED,
    ]
