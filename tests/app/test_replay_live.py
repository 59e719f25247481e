"""What was decided live is decided again: mails through the real pipeline and a real store, then recounted."""

from dataclasses import replace
from datetime import timedelta

from mailgateway.app import desk as by_hand
from mailgateway.app.ports import Window
from mailgateway.app.rules.replay import replay
from mailgateway.model.people import Customer
from mailgateway.model.quota import QuotaKey
from mailgateway.rules.recount import Recount
from mailgateway.rules.replay import sides
from tests.app.parts import NOW, Desk, mail
from tests.replays import QUOTA, rule_set
from tests.rules.test_replay_recount import OUTAGE

ALWAYS = Window(NOW - timedelta(days=40), NOW + timedelta(days=40))
RULES = rule_set(priority=OUTAGE, quota=QUOTA)
KEY = QuotaKey("enterprise-priority", "acme", "2026-03-01")


def decided(desk: Desk, *names: str) -> None:
    """Let mails about an outage be decided, a minute after the one before each."""
    for name in names:
        desk.clock.advance(60)
        desk.arrive(mail(name, subject="outage"))
        work = desk.work()
        desk.drain(replace(work, snapshot=replace(work.snapshot, rules=RULES)))


def test_recorded_mails_are_recounted_as_they_were_counted_and_replayed_without_a_change(desk: Desk) -> None:
    desk.store.import_customers([Customer("acme", "Acme", "enterprise", ("customer.example",))], [])
    decided(desk, "first", "second")
    desk.clock.advance(60)
    by_hand.dismiss(desk.store, 1, by_hand.SPAM, by_hand.Act(desk.clock.now(), "admin", "casino"))
    decided(desk, "third", "fourth")
    desk.clock.advance(60)
    by_hand.merge(desk.store, 3, 2, by_hand.Act(desk.clock.now(), "admin", "the same"))
    decided(desk, "fifth")

    count, acts = Recount(RULES), list(desk.store.hand_acts(ALWAYS))
    made = []
    for one in desk.store.decided(ALWAYS):
        while acts and acts[0].at <= one.decided_at:
            count.follow(acts.pop(0))
        assert one.facts is not None
        made.append(count.decide(one.facts, (one.ticket,)))

    stored = [one.decision for number in range(1, 6) for one in desk.store.decisions(number)[-1:]]
    answers = {decision.answers for decision in stored}
    assert [decision.answer("priority") for decision in made] == [2, 3, 2, 3, 2]
    assert {decision.answers for decision in made} >= answers
    assert count.usage(KEY).tickets == (desk.store.ticket("5").ref,)


def test_the_replay_of_a_live_store_against_itself_changes_nothing(desk: Desk) -> None:
    desk.store.import_customers([Customer("acme", "Acme", "enterprise", ("customer.example",))], [])
    decided(desk, "first", "second", "third")

    same = replay(desk.store, ALWAYS, sides(RULES, RULES)).tallied
    more = replay(
        desk.store, ALWAYS, sides(RULES, rule_set(priority=OUTAGE, quota=QUOTA.replace("= 1", "= 2")))
    ).tallied

    assert (same.mails, same.changed) == (3, 0)
    assert (more.mails, more.changed) == (3, 1)
