from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from mailgateway.adapters.store import SqlStore
from mailgateway.app.ports import Lease
from mailgateway.model.ledger import Delivery, RecipientResult
from mailgateway.model.ticket import EventKind
from tests.store.steps import next_due, settle, ticket_of
from tests.store.values import AGENT, ANNA, MINUTE, NOW, message, outgoing

RETRY_AT = {1: NOW + MINUTE, 2: NOW + 5 * MINUTE}
OK = RecipientResult(ANNA, 250, "queued as 1")
LATER = RecipientResult(ANNA, 451, "greylisted")
REFUSED = RecipientResult(ANNA, 550, "no such\0 user \ud800")


def one_mail(store: SqlStore, lease: Lease, *recipients: str) -> Delivery:
    """Put one mail into the outbox and return its first claim."""
    mail = replace(outgoing(1, 1), recipients=recipients or (ANNA,))
    ticket_of(store, lease, 1, message(), outgoing=(mail,))
    (delivery,) = store.claim(NOW, 10, RETRY_AT)
    return delivery


def test_a_claim_counts_the_attempt_and_moves_the_next_one(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())

    claimed = store.claim(NOW, 10, RETRY_AT)

    assert claimed == tuple(
        Delivery(one.id, 1, 1, NOW, "", one.recipients, one.raw, one.message_id) for one in outcome.outgoing
    )
    assert store.claim(NOW, 10, RETRY_AT) == ()
    assert next_due(store) == NOW + MINUTE


def test_a_claim_takes_no_more_than_the_limit_oldest_first(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    claims = [[one.id for one in store.claim(NOW, limit, RETRY_AT)] for limit in (0, 1, 10)]

    assert claims == [[], [1], [2]]


def test_an_attempt_that_never_came_back_is_made_again(store: SqlStore, lease: Lease) -> None:
    one_mail(store, lease)

    (again,) = store.claim(NOW + MINUTE, 10, RETRY_AT)
    (third,) = store.claim(NOW + 5 * MINUTE, 10, RETRY_AT)

    assert (again.attempt, third.attempt) == (2, 3)
    assert next_due(store) == NOW + 5 * MINUTE


def test_what_was_sent_is_never_claimed_again(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease)

    settle(store, delivery, [OK], NOW, None)

    assert store.claim(NOW + timedelta(days=9), 10, RETRY_AT) == ()
    assert next_due(store) is None
    assert store.backlog().deliveries == (("queued", 0),)


def test_a_passing_refusal_is_due_when_the_caller_says(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease)

    settle(store, delivery, [LATER], NOW, NOW + 3 * MINUTE)

    assert next_due(store) == NOW + 3 * MINUTE
    (again,) = store.claim(NOW + 3 * MINUTE, 10, RETRY_AT)
    assert (again.attempt, again.recipients, again.message_id) == (2, (ANNA,), delivery.message_id)


def test_each_recipient_is_settled_alone(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease, ANNA, AGENT, "Third@Example.com")
    accepted = RecipientResult(AGENT, 250, "ok")
    refused = RecipientResult("Third@Example.com", 550, "no")

    settle(store, delivery, [LATER, accepted, refused], NOW, NOW + MINUTE)

    (again,) = store.claim(NOW + MINUTE, 10, RETRY_AT)
    assert again.recipients == (ANNA,)
    assert store.backlog().deliveries == (("queued", 1),)


def test_a_lasting_refusal_is_an_event_on_the_ticket(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease)

    settle(store, delivery, [REFUSED], NOW + MINUTE, None)

    last = store.history(1)[-1]
    assert (last.at, last.kind, last.actor, last.details) == (
        NOW + MINUTE,
        EventKind.SEND_FAILED,
        "gateway",
        (("recipient", ANNA), ("outbox", "1"), ("code", "550")),
    )
    assert last.because == f"the mail to {ANNA} could not be sent: 550 no such\ufffd user \\ud800"
    assert store.ticket("1").changed_at == NOW + MINUTE
    assert next_due(store) is None


def test_what_is_given_up_is_an_event_on_the_ticket(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease)

    settle(store, delivery, [RecipientResult(ANNA, 0, "connection refused")], NOW, None)

    assert store.history(1)[-1].because == f"the mail to {ANNA} could not be sent: connection refused"
    assert next_due(store) is None


def test_a_mail_without_a_ticket_is_sent_and_may_fail(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message(), outgoing=(outgoing(1, None),))
    (delivery,) = store.claim(NOW, 10, RETRY_AT)

    settle(store, delivery, [REFUSED], NOW, None)

    assert delivery.ticket is None
    assert next_due(store) is None


def test_several_are_settled_at_once(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    first, second = store.claim(NOW, 10, RETRY_AT)
    refused = RecipientResult(AGENT, 0, "gone")

    store.settle_all([(first, [OK], None), (second, [refused], NOW + 2 * MINUTE)], NOW)
    store.settle_all([], NOW)

    assert [one.id for one in store.claim(NOW + 2 * MINUTE, 10, RETRY_AT)] == [second.id]


def test_a_late_failure_does_not_undo_what_another_attempt_sent(store: SqlStore, lease: Lease) -> None:
    first = one_mail(store, lease)
    (second,) = store.claim(NOW + MINUTE, 10, RETRY_AT)
    settle(store, second, [OK], NOW + MINUTE, None)

    settle(store, first, [REFUSED], NOW + 2 * MINUTE, None)
    settle(store, first, [LATER], NOW + 2 * MINUTE, NOW)

    assert store.claim(NOW + timedelta(days=9), 10, RETRY_AT) == ()
    assert store.backlog().deliveries == (("queued", 0),)


def test_a_late_success_ends_the_next_attempts(store: SqlStore, lease: Lease) -> None:
    first = one_mail(store, lease)
    store.claim(NOW + MINUTE, 10, RETRY_AT)

    settle(store, first, [OK], NOW + MINUTE, None)

    assert store.claim(NOW + timedelta(days=9), 10, RETRY_AT) == ()


def test_what_waits_to_be_sent_is_counted(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())

    backlog = store.backlog()

    assert (backlog.deliveries, backlog.oldest_delivery) == ((("queued", 2),), NOW)


def test_two_daemons_claim_different_mails(store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]) -> None:
    ticket_of(store, lease, 1, message())
    other = open_another()

    first, second = store.claim(NOW, 1, RETRY_AT), other.claim(NOW, 10, RETRY_AT)

    assert ([one.id for one in first], [one.id for one in second]) == ([1], [2])


def test_a_claim_that_is_renewed_is_due_later(store: SqlStore, lease: Lease) -> None:
    delivery = one_mail(store, lease)

    store.renew_claims([delivery], NOW + 3 * MINUTE)
    store.renew_claims([delivery], NOW + 2 * MINUTE)

    assert next_due(store) == NOW + 3 * MINUTE
    assert store.claim(NOW + 2 * MINUTE, 10, RETRY_AT) == ()


def test_a_claim_that_is_anothers_or_settled_is_not_renewed(store: SqlStore, lease: Lease) -> None:
    first = one_mail(store, lease)
    (second,) = store.claim(NOW + MINUTE, 10, RETRY_AT)

    store.renew_claims([first], NOW + 9 * MINUTE)
    anothers = next_due(store)
    settle(store, second, [OK], NOW + MINUTE, None)
    store.renew_claims([second], NOW + 9 * MINUTE)

    assert (anothers, next_due(store)) == (NOW + 5 * MINUTE, None)
