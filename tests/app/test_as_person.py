"""A mail that was taken for a machine's can be made a ticket by somebody who knows better."""

from mailgateway.model.ledger import MailState
from mailgateway.model.ticket import EventKind
from tests.app.parts import Desk, mail


def test_an_ignored_mail_put_back_as_a_persons_is_a_ticket_without_an_answer(desk: Desk) -> None:
    desk.arrive(mail("m1", "Auto-Submitted: auto-replied"))
    desk.drain()
    (ignored,) = desk.entries()

    desk.store.retry(ignored.id, "admin", desk.clock.now(), as_person=True)
    desk.drain()

    (entry,) = desk.entries()
    (first, *_) = desk.store.messages(desk.store.tickets()[0].number)
    assert (ignored.state, entry.state, entry.tickets) == (MailState.IGNORED, MailState.PROCESSED, (1,))
    assert (first.kind, first.incoming) == ("person", True)
    kinds = {event.kind for event in desk.store.history(1)}
    assert EventKind.NOT_ANSWERED in kinds
    assert EventKind.ACKNOWLEDGED not in kinds
