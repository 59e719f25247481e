"""What was decided live is decided again: mails through the real pipeline and a real store, then recounted."""

from dataclasses import replace
from datetime import timedelta

from mailgateway.app import desk as by_hand
from mailgateway.app.ports import Window
from mailgateway.app.rules.replay import replay
from mailgateway.model.decision import Decision
from mailgateway.model.people import Customer
from mailgateway.model.quota import QuotaKey
from mailgateway.rules.recount import Recount
from mailgateway.rules.replay import Change, sides
from mailgateway.rules.values import RuleSet
from tests.app.parts import NOW, Desk, mail
from tests.replays import QUOTA, rule_set
from tests.rules.test_replay_recount import CUT, OUTAGE

ALWAYS = Window(NOW - timedelta(days=40), NOW + timedelta(days=40))
RULES = rule_set(priority=OUTAGE, quota=QUOTA)
KEY = QuotaKey("enterprise-priority", "acme", "2026-03-01")


CUTTING = rule_set(priority=OUTAGE, quota=QUOTA, split=CUT)
CAUSES = ("cut no longer matches", "enterprise-priority has a free place")
THREE = "Three things:\n\n1. How do I add a user?\n2. There is an outage in Berlin.\n3. An outage in Paris too."


def decided(desk: Desk, *names: str, rules: RuleSet = RULES, text: str = "It burns.") -> None:
    """Let mails be decided, a minute after the one before each; without another text they are about an outage."""
    for name in names:
        desk.clock.advance(60)
        desk.arrive(mail(name, subject="outage" if text == "It burns." else "things", text=text))
        work = desk.work()
        desk.drain(replace(work, snapshot=replace(work.snapshot, rules=rules)))


def recounted(desk: Desk, rules: RuleSet) -> tuple[Recount, list[Decision]]:
    """Return the quotas and the decisions on all mails, made again in their order."""
    count, acts = Recount(rules), list(desk.store.hand_acts(ALWAYS))
    made = []
    for one in desk.store.decided(ALWAYS):
        while acts and acts[0].at <= one.decided_at:
            count.follow(acts.pop(0))
        assert one.facts is not None
        made.append(count.decide(one.facts, (one.ticket, *one.parts[1:])))
    return count, made


def test_recorded_mails_are_recounted_as_they_were_counted_and_replayed_without_a_change(desk: Desk) -> None:
    desk.store.import_customers([Customer("acme", "Acme", "enterprise", ("customer.example",))], [])
    decided(desk, "first", "second")
    desk.clock.advance(60)
    by_hand.dismiss(desk.store, 1, by_hand.SPAM, by_hand.Act(desk.clock.now(), "admin", "casino"))
    decided(desk, "third", "fourth")
    desk.clock.advance(60)
    by_hand.merge(desk.store, 3, 2, by_hand.Act(desk.clock.now(), "admin", "the same"))
    decided(desk, "fifth")

    count, made = recounted(desk, RULES)

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


def test_places_of_parts_are_recounted_also_where_the_cut_was_undone(desk: Desk) -> None:
    desk.store.import_customers([Customer("acme", "Acme", "enterprise", ("customer.example",))], [])
    decided(desk, "first", rules=CUTTING, text=THREE)
    decided(desk, "second", rules=CUTTING)
    desk.clock.advance(60)
    by_hand.unsplit(desk.store, 1, by_hand.Act(desk.clock.now(), "admin", "one thing"))
    decided(desk, "third", rules=CUTTING)
    desk.clock.advance(60)
    by_hand.dismiss(desk.store, 1, by_hand.SPAM, by_hand.Act(desk.clock.now(), "admin", "casino"))
    decided(desk, "fourth", rules=CUTTING)

    found = list(desk.store.decided(ALWAYS))
    count, made = recounted(desk, CUTTING)

    refs = tuple(desk.store.ticket(str(number)).ref for number in (1, 2, 3))
    assert (found[0].ticket, found[0].parts, found[1].parts) == (refs[0], refs, ())
    stored = [desk.store.decisions(number)[0].decision for number in (1, 4, 5, 6)]
    assert [one.answers for one in made] == [one.answers for one in stored]
    assert [one.answer("priority") for one in made[1:]] == [3, 3, 2]
    assert count.usage(KEY).tickets == (desk.store.ticket("6").ref,)


def test_a_replay_without_the_rule_that_cut_says_on_how_many_tickets_a_mail_would_be(desk: Desk) -> None:
    desk.store.import_customers([Customer("acme", "Acme", "enterprise", ("customer.example",))], [])
    decided(desk, "first", rules=CUTTING, text=THREE)
    decided(desk, "second", rules=CUTTING)

    found = replay(desk.store, ALWAYS, sides(CUTTING, RULES)).tallied

    (group,) = found.groups
    assert (found.mails, found.changed, group.causes) == (2, 1, CAUSES)
    assert group.changes[0] == Change("tickets", 3, 1)
