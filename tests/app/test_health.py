from datetime import timedelta

import pytest

from mailgateway.app.health import ENDS, NOT_LOOKED_AT, Health, MailboxHealth, is_ready
from mailgateway.model.ledger import MailState
from tests.app.parts import NOW

PATIENCE = timedelta(minutes=3)
GOOD = MailboxHealth("a", NOW, "", held=True)
ELSEWHERE = MailboxHealth("b", None, "", held=False)


@pytest.mark.parametrize(
    ("mailboxes", "ready"),
    [
        ((), False),
        ((GOOD,), True),
        ((GOOD, ELSEWHERE), True),
        ((MailboxHealth("a", NOW - PATIENCE, "", held=True),), True),
        ((MailboxHealth("a", NOW - PATIENCE - timedelta(seconds=1), "", held=True), GOOD), False),
        ((MailboxHealth("a", NOW - timedelta(days=1), "", held=False),), True),
        ((MailboxHealth("a", None, "no login", held=True), GOOD), False),
        ((MailboxHealth("a", NOW, "cut just now", held=True),), True),
        ((Health().mailbox("a"),), False),
        ((MailboxHealth("a", None, "", held=True),), False),
    ],
)
def test_ready_means_every_mailbox_is_polled_here_or_belongs_to_another(
    mailboxes: tuple[MailboxHealth, ...], ready: bool
) -> None:
    assert is_ready(mailboxes, NOW, PATIENCE) is ready


def test_health_keeps_the_last_good_poll_through_failures_and_loss() -> None:
    health = Health()

    seen = [health.mailbox("a")]
    for note in (
        lambda: health.polled("a", NOW),
        lambda: health.failed("a", "cut"),
        lambda: health.left_to_another("a"),
    ):
        note()
        seen.append(health.mailbox("a"))

    assert seen == [
        MailboxHealth("a", None, NOT_LOOKED_AT, held=False),
        MailboxHealth("a", NOW, "", held=True),
        MailboxHealth("a", NOW, "cut", held=True),
        MailboxHealth("a", NOW, "", held=False),
    ]


def test_health_lists_every_mailbox_that_was_tried_by_name() -> None:
    health = Health()
    health.polled("b", NOW)
    health.left_to_another("a")

    assert [mailbox.name for mailbox in health.mailboxes()] == ["a", "b"]


def test_every_end_is_counted_and_named_from_the_start() -> None:
    health = Health()
    for state in (MailState.PROCESSED, MailState.PROCESSED, MailState.ASIDE):
        health.ended(state)

    assert health.ends() == (
        (MailState.PROCESSED, 2), (MailState.DUPLICATE, 0), (MailState.IGNORED, 0), (MailState.ASIDE, 1)
    )  # fmt: skip
    assert set(ENDS) == set(MailState) - {MailState.RECEIVED, MailState.ACKNOWLEDGED}
