"""A person cuts a mail and undoes cuts: one transaction each, and what was before is again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgateway.adapters.store import SqlStore
from mailgateway.adapters.store.known import WITHIN
from mailgateway.adapters.store.tables import metadata
from mailgateway.app.desk import unsplit
from mailgateway.app.ports import Author, HandChange, Lease, Words
from mailgateway.errors import ConflictError
from mailgateway.model.cut import Description, Whole
from mailgateway.model.message import Attachment, Classification, MessageKind
from mailgateway.model.quota import QuotaEntry, QuotaKey, QuotaRecord
from mailgateway.model.ticket import EventKind, Status, Visibility
from tests.invariant import assert_cuts_hold
from tests.servers import eventually
from tests.store.conftest import empty
from tests.store.cut_mails import (
    ACT,
    AFTER,
    KEY,
    OTHER_KEY,
    cut_by_hand,
    cut_mail,
    described,
    given_back,
    places,
    standing,
    taken,
    undo,
    usage,
)
from tests.store.steps import look_up, ticket_of
from tests.store.test_concurrency import at_once
from tests.store.values import ANNA, MAILBOX, NOW, event, keys, message, new_ticket, outgoing

FILES = tuple(
    Attachment(name, "text/plain", 5, inline=False, content_id="", digest=name * 64) for name in ("b", "a")
)  # fmt: skip


def test_the_words_of_people_on_a_ticket_come_newest_first_with_files_and_facts(store: SqlStore, lease: Lease) -> None:
    opened = (event(EventKind.OPENED, 1, 1),)
    first = ticket_of(store, lease, 1, message(attachments=FILES), events=opened)
    second = ticket_of(
        store, lease, 2, message(2, attachments=()), tickets=(), posts=first.posts, events=(), outgoing=()
    )
    bounce = Classification(MessageKind.BOUNCE, "", "")
    ticket_of(store, lease, 3, message(3), tickets=(), posts=first.posts, classification=bounce, events=(), outgoing=())
    older, newer = (one.id for one in store.messages(1) if one.kind == "person")

    with store.by_hand() as hand:
        found = hand.words(1)

    assert found == (
        Words(newer, NOW, "It is broken.", (), second.facts, opened=False),
        Words(older, NOW, "It is broken.", ("b", "a"), first.facts, opened=True),
    )


def test_words_whose_facts_were_removed_have_none_and_cut_ones_are_not_there(store: SqlStore, lease: Lease) -> None:
    cut_mail(store, lease, 1, 2)
    ticket_of(store, lease, 2, message(2), facts=None)

    with store.by_hand() as hand:
        found = [hand.words(number) for number in (1, 2, 3)]

    assert [[one.facts for one in words] for words in found] == [[], [], [None]]


def test_the_author_of_a_message_is_known_with_what_he_was_answered(store: SqlStore, lease: Lease) -> None:
    outcome = ticket_of(store, lease, 1, message())
    (number,) = (one.id for one in store.messages(1) if one.incoming)

    with store.by_hand() as hand:
        (ticket,) = hand.tickets((1,))
        found, hour_later = hand.author(number, ticket, NOW), hand.author(number, ticket, NOW + 2 * WITHIN)

    assert outcome.message is not None
    assert outcome.facts is not None
    assert found == Author(outcome.message, outcome.facts, None, recent_answers=1, answers_to_domain=1)
    assert hour_later == Author(outcome.message, outcome.facts, None, recent_answers=0, answers_to_domain=0)


def test_nobody_is_known_as_the_author_of_a_message_whose_facts_were_removed(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message())
    with store._database.write() as transaction:
        transaction.connection.execute(metadata.tables["message"].update().values(facts=""))
    (number,) = (one.id for one in store.messages(1) if one.incoming)

    with store.by_hand() as hand:
        assert hand.author(number, hand.tickets((1,))[0], NOW) is None


def test_mails_that_a_hand_makes_wait_to_be_sent_and_stand_on_their_tickets(store: SqlStore, lease: Lease) -> None:
    ticket_of(store, lease, 1, message(), outgoing=())

    with store.by_hand() as hand:
        first, second = hand.take_outbox(2)
        mails = (outgoing(first, 1), outgoing(second, 1, purpose="notification"))
        hand.write(HandChange(NOW, (), outgoing=mails))

    assert [one.id for one in store.claim(NOW, 10, {1: NOW})] == [first, second]
    assert [(one.kind, one.visibility, one.text) for one in store.messages(1) if not one.incoming] == [
        ("acknowledgement", Visibility.PUBLIC, "we have it"), ("notification", Visibility.INSIDE, "we have it"),
    ]  # fmt: skip


@pytest.mark.parametrize("kept", [{"verified": False}, {"visibility": Visibility.INSIDE}])
def test_words_that_are_kept_inside_are_not_there(store: SqlStore, lease: Lease, kept: dict[str, object]) -> None:
    (post,) = ticket_of(store, lease, 1, message()).posts
    inside = replace(post, **kept)  # type: ignore[arg-type]  # the names are checked when it runs
    ticket_of(store, lease, 2, message(2), tickets=(), posts=(inside,), outgoing=(), events=())

    with store.by_hand() as hand:
        found = [one.message for one in hand.words(1)]

    assert found == [one.id for one in store.messages(1) if one.incoming][:1]


def test_a_cut_by_hand_brings_mail_and_people_to_the_new_tickets_and_describes_the_old_one(
    store: SqlStore, lease: Lease
) -> None:
    usage(store, lease, KEY)
    first = ticket_of(store, lease, 1, message(), tickets=(new_ticket(1, priority=1),), quota=(taken(KEY, 1),))
    ticket_of(store, lease, 2, message(2), tickets=(), posts=first.posts, outgoing=(), events=())
    entries = (given_back(KEY, 1), taken(OTHER_KEY, 1), taken(KEY, 3))
    before = standing(store, 1).ticket

    cut = cut_by_hand(store, 1, AFTER, (3,), entries)

    after = store.ticket("1")
    assert replace(after, changed_at=NOW) == replace(
        before, title="Item 1", queue="sales", kind="question", priority=3, tags=("new",)
    )
    assert after.changed_at == ACT.at
    assert store.ticket("3").participants == (ANNA, "bert@example.com")
    assert [(one.id, one.verified, one.part) for one in store.messages(3)] == [(cut.message, True, 2)]
    assert [one.part for one in store.messages(1) if one.incoming] == [0, 1]
    # Given back at the priority that it had, taken at the one that the part has.
    assert [(one.entry.amount, one.priority) for one in store.quota(1)] == [(1, 1), (-1, 1), (1, 3)]
    assert store.quota(3) == (QuotaRecord(ACT.at, entries[2], 3),)
    assert_cuts_hold(store)


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
TAGS = st.lists(st.text("abc", min_size=1, max_size=2), unique=True, max_size=3).map(tuple)
DESCRIPTIONS = st.builds(
    Description,
    title=TEXTS,
    status=st.sampled_from((Status.NEW, Status.OPEN, Status.WAITING, Status.HELD)),
    queue=TEXTS,
    kind=TEXTS,
    priority=st.integers(1, 5),
    tags=TAGS,
)
KEYS = st.lists(st.sampled_from((KEY, OTHER_KEY)), unique=True, max_size=2).map(tuple)


def clean(url: str, store: SqlStore) -> Lease:
    """Return the lease on a store without tickets."""
    if url.startswith("sqlite"):
        with store._database.write() as transaction:
            transaction.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table in metadata.sorted_tables:
                transaction.connection.execute(table.delete())
            transaction.connection.exec_driver_sql("UPDATE counter SET value = 0")
    else:
        empty(url)
    lease = store.acquire(MAILBOX, "daemon-1", NOW, 60)
    assert lease is not None
    return lease


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket that is cut by hand.

    Attributes:
        before: What it is.
        after: What the cut makes of it.
        held: The places that it has.
        keeps: Whether the cut leaves them to it.
        others: How many new tickets there are.
        taken: The places that the first new one takes.
        undone_on: On which of the tickets the cut is undone.
    """

    before: Description
    after: Description
    held: tuple[QuotaKey, ...]
    keeps: bool
    others: int
    taken: tuple[QuotaKey, ...]
    undone_on: int

    @property
    def entries(self) -> tuple[QuotaEntry, ...]:
        """What the cut writes into the ledger of quotas."""
        back = () if self.keeps else tuple(given_back(key, 1) for key in self.held)
        return *back, *(taken(key, 2) for key in self.taken)


STORIES = st.builds(Story, DESCRIPTIONS, DESCRIPTIONS, KEYS, st.booleans(), st.just(2), KEYS, st.integers(1, 3))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(story=STORIES)
def test_cutting_and_undoing_gives_back_the_same_ticket(url: str, store: SqlStore, story: Story) -> None:
    lease = clean(url, store)
    before = described(new_ticket(1), story.before)
    usage(store, lease, KEY, OTHER_KEY)
    ticket_of(store, lease, 1, message(), tickets=(before,), quota=tuple(taken(key, 1) for key in story.held))
    was, used = standing(store, 1), usage(store, lease, KEY, OTHER_KEY)

    others = tuple(range(2, 2 + story.others))
    cut_by_hand(store, 1, story.after, others, story.entries)
    cut_off = assert_cuts_hold(store)
    undo(store, story.undone_on)

    assert standing(store, 1) == was
    assert usage(store, lease, KEY, OTHER_KEY) == used
    assert [store.ticket(str(number)).merged_into for number in others] == [1] * story.others
    assert (len(cut_off), assert_cuts_hold(store)) == (story.others, frozenset())


def test_a_mail_that_the_rules_cut_becomes_what_it_would_have_been(store: SqlStore, lease: Lease) -> None:
    usage(store, lease, KEY, OTHER_KEY)
    outcome = cut_mail(store, lease, 1, quota=(taken(OTHER_KEY, 1), taken(OTHER_KEY, 2)))
    assert outcome.cut is not None
    assert outcome.cut.whole is not None

    with store.by_hand() as hand:
        (known,) = hand.cuts(2)
    undo(store, 2)

    found = standing(store, 1)
    assert known.cut.whole == Whole(outcome.cut.whole.before, AFTER)
    assert (found.ticket.title, found.ticket.queue, found.ticket.priority) == ("Two things", "support", 1)
    assert [(one.part, one.text) for one in found.messages] == [(0, "It is broken.")]
    assert [one.used for one in usage(store, lease, KEY, OTHER_KEY)] == [0, 0]
    assert places(store.quota(2)) == ()


def test_two_daemons_that_undo_one_cut_undo_it_once(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    usage(store, lease, KEY)
    cut_mail(store, lease, 1, quota=(taken(KEY, 1), taken(KEY, 2), taken(KEY, 3)))
    other = open_another()

    undone = at_once(
        [partial(undo, store, 1), partial(undo, other, 3), partial(undo, store, 2), partial(undo, other, 3)]
    )

    assert sorted(undone) == [False, False, False, True]
    assert [sum(one.entry.amount for one in store.quota(number)) for number in (1, 2, 3)] == [0, 0, 0]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("way", ["mail", "hand"])
def test_the_tickets_of_a_cut_are_locked_from_the_lowest_number_whichever_is_asked_for(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore], way: str
) -> None:
    cut_mail(store, lease, 1)
    other = open_another()
    last = {
        "mail": lambda: look_up(other, lease, keys(message(9), ticket_numbers=(3,))),
        "hand": lambda: undo(other, 3),
    }[way]
    waiting = threading.Thread(target=last)

    with store._database.write() as transaction:
        transaction.connection.exec_driver_sql("SELECT 1 FROM ticket WHERE number = 2 FOR UPDATE")
        waiting.start()
        eventually(lambda: not is_free(store, 1))
        last_is_free = is_free(store, 3)
    waiting.join()

    assert last_is_free


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("way", ["mail", "hand", "note"])
def test_what_a_ticket_was_merged_into_is_locked_before_it_where_its_number_is_lower(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore], way: str
) -> None:
    cut_mail(store, lease, 1)
    undo(store, 1)
    other = open_another()
    last: Callable[[], object] = {
        "mail": lambda: look_up(other, lease, keys(message(9), ticket_numbers=(3,))),
        "hand": lambda: undo(other, 3),
        "note": lambda: other.add_note(3, "noted", event(EventKind.NOTE, 3)),
    }[way]

    with ThreadPoolExecutor(1) as pool, store._database.write() as transaction:
        transaction.connection.exec_driver_sql("SELECT 1 FROM ticket WHERE number = 1 FOR UPDATE")
        pool.submit(last)
        eventually(lambda: waits_for_a_lock(store))
        last_is_free = is_free(store, 3)

    assert last_is_free


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_change_by_hand_that_loses_against_a_mail_is_tried_again(
    store: SqlStore, lease: Lease, open_another: Callable[[], SqlStore]
) -> None:
    cut_mail(store, lease, 1)
    other = open_another()

    with ThreadPoolExecutor(1) as pool, suppress(ConflictError), store._database.write() as transaction:
        transaction.connection.exec_driver_sql("SELECT 1 FROM ticket WHERE number = 3 FOR UPDATE")
        undone = pool.submit(unsplit, other, 3, ACT)
        eventually(lambda: waits_for_a_lock(store))
        # A circle. PostgreSQL ends who waited for longer, as a rule.
        transaction.connection.exec_driver_sql("SELECT 1 FROM ticket WHERE number = 1 FOR UPDATE")

    assert undone.result().cut.others == (2, 3)
    assert [store.ticket(str(number)).merged_into for number in (1, 2, 3)] == [None, 1, 1]


def waits_for_a_lock(store: SqlStore) -> bool:
    with store._database.read() as connection:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return connection.exec_driver_sql(waiting).first() is not None


def is_free(store: SqlStore, ticket: int) -> bool:
    """Return whether nobody has a ticket locked."""
    with store._database.read() as connection:
        free = "SELECT 1 FROM ticket WHERE number = %(number)s FOR UPDATE SKIP LOCKED"
        return connection.exec_driver_sql(free, {"number": ticket}).first() is not None
