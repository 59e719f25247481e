"""Replay of recorded mails under two rule sets: quotas counted anew, in order, and nothing guessed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given

from mailgateway.app.ports import Window
from mailgateway.app.rules.replay import Replayed, Told, replay
from mailgateway.model.decision import Facts
from mailgateway.model.quota import QuotaKey
from mailgateway.rules.replay import Change, Group, IgnoredMail, ReplayedMail, sides
from mailgateway.rules.values import RuleSet
from tests.replays import AT, QUOTA, Ledger, facts, recorded_with, rule_set
from tests.rules.test_replay_recount import HISTORIES, OUTAGE, RULE_SETS, Mail, recorded

ALWAYS = Window(AT - timedelta(days=400), AT + timedelta(days=400))
IGNORE = """
[[rule]]
id = "lab"
when.text.mentions = "lab"
route.ignore = true
route.because = "nobody lives there"
"""
ONE, TWO = (
    rule_set(priority=OUTAGE, quota=QUOTA),
    rule_set(priority=OUTAGE, quota=QUOTA.replace("allow = 1", "allow = 2")),
)


def replayed(ledger: Ledger, before: RuleSet, after: RuleSet, window: Window = ALWAYS) -> Replayed:
    return replay(ledger, window, sides(before, after))


def mail(number: int, at: datetime | None = None) -> ReplayedMail:
    return ReplayedMail(number, at or AT + timedelta(minutes=number), "acme", "outage in the lab")


@given(RULE_SETS, RULE_SETS, HISTORIES)
def test_a_set_against_itself_changes_nothing_whatever_decided_then(
    of_then: RuleSet, rules: RuleSet, history: list[Mail]
) -> None:
    ledger = recorded(of_then, history)

    found = replayed(ledger, rules, rules).tallied

    assert (found.mails, found.changed, found.groups) == (len(history), 0, ())


def test_what_changes_is_grouped_with_its_cause() -> None:
    ledger = recorded_with(ONE, [facts(number) for number in (1, 2, 3)])

    found = replayed(ledger, ONE, TWO).tallied

    assert (found.mails, found.changed, found.not_comparable) == (3, 1, 0)
    assert [(group.count, group.examples) for group in found.groups] == [(1, (mail(2),))]
    assert Change("priority", 3, 2) in found.groups[0].changes


def test_an_early_change_moves_the_later_counts() -> None:
    first_only = OUTAGE + '\n[[rule]]\nid = "first"\nwhen.subject.contains = "first"\npriority.cap_at = 3\n'
    ledger = recorded_with(ONE, [facts(1, subject="the first"), facts(2)])

    found = replayed(ledger, ONE, rule_set(priority=first_only, quota=QUOTA)).tallied

    second = found.groups[-1]
    assert found.changed == 2
    assert second.examples == (mail(2),)
    assert second.causes == ("enterprise-priority has a free place",)
    assert Change("priority", 3, 2) in second.changes


def test_mails_before_the_window_count_and_are_not_compared() -> None:
    ledger = recorded_with(ONE, [facts(1), facts(2)])
    window = Window(AT + timedelta(minutes=2), ALWAYS.until)

    found = replayed(ledger, ONE, TWO, window)

    assert (found.tallied.mails, found.tallied.changed) == (1, 1)
    assert found.tallied.groups[0].examples == (mail(2),)
    assert (found.counted_from, found.counts_quotas) == (datetime(2026, 9, 30, 10, tzinfo=UTC), True)


def test_without_quotas_nothing_before_the_window_is_looked_at() -> None:
    plain = rule_set(priority=OUTAGE)
    ledger = recorded_with(plain, [facts(1), facts(2)])
    window = Window(AT + timedelta(minutes=2), ALWAYS.until)
    totals: list[int] = []
    seen: list[None] = []

    found = replay(ledger, window, sides(plain, plain), Told(total=totals.append, seen=lambda: seen.append(None)))

    assert (found.counted_from, found.counts_quotas) == (window.since, False)
    assert (totals, len(seen)) == ([1], 1)


def test_a_place_is_given_back_in_both_from_the_moment_a_person_did_so() -> None:
    ledger = Ledger(ONE)
    ledger.record(facts(1))
    ledger.record(facts(2))
    ledger.give_back("SUP-1-QX", AT + timedelta(minutes=3))
    ledger.record(facts(4))
    ledger.record(facts(5))

    found = replayed(ledger, ONE, TWO).tallied

    assert [made.answer("priority") for made in ledger.made] == [2, 3, 2, 3]
    assert [group.examples for group in found.groups] == [(mail(2),)]  # of two places one is back: 4 fits, 5 does not


def test_a_place_that_only_the_other_rules_gave_is_given_back_as_well() -> None:
    none = rule_set(priority=OUTAGE, quota=QUOTA.replace("allow = 1", "allow = 0"))
    ledger = Ledger(none)
    ledger.record(facts(1))
    ledger.give_back("SUP-1-QX", AT + timedelta(minutes=2))
    ledger.record(facts(3))

    found = replayed(ledger, none, ONE).tallied

    assert [(group.count, group.examples) for group in found.groups] == [
        (2, (mail(1), mail(2, AT + timedelta(minutes=3))))
    ]


def test_removed_facts_are_counted_and_never_guessed_and_the_places_they_took_stay_taken() -> None:
    ledger = recorded_with(ONE, [facts(1), facts(2)])
    key = QuotaKey("enterprise-priority", "acme", "2026-10-01")
    ledger.mails[0] = replace(ledger.mails[0], facts=None, taken=((key, 2),))

    same = replayed(ledger, ONE, ONE).tallied
    found = replayed(ledger, ONE, TWO).tallied

    assert (same.mails, same.not_comparable, same.changed) == (1, 1, 0)
    assert (found.mails, found.not_comparable, found.changed) == (1, 1, 1)
    assert found.groups[0].examples == (mail(2),)


def test_removed_facts_of_before_the_window_are_not_counted() -> None:
    ledger = recorded_with(ONE, [facts(1), facts(2)])
    ledger.mails[0] = replace(ledger.mails[0], facts=None)

    found = replayed(ledger, ONE, ONE, Window(AT + timedelta(minutes=2), ALWAYS.until)).tallied

    assert (found.mails, found.not_comparable) == (1, 0)


def test_every_mail_that_the_new_rules_ignore_is_told_in_full() -> None:
    plain, ignoring = rule_set(), rule_set(routing=IGNORE)
    ledger = recorded_with(plain, [facts(number) for number in range(1, 6)])
    told: list[IgnoredMail] = []

    found = replay(ledger, ALWAYS, sides(plain, ignoring), Told(ignored=told.append)).tallied

    assert told == [IgnoredMail(mail(number), "lab", "nobody lives there", is_new=True) for number in range(1, 6)]
    assert (found.ignored, found.changed, len(found.groups[0].examples)) == (5, 5, 2)


def test_a_ticket_that_only_the_new_rules_open_takes_its_place() -> None:
    ignoring = rule_set(routing=IGNORE, priority=OUTAGE, quota=QUOTA)
    ledger = recorded_with(ignoring, [facts(1), facts(2)])

    found = replayed(ledger, ignoring, ONE).tallied

    assert [one.ticket for one in ledger.mails] == ["", ""]
    assert {(group.examples, dict(_after(group))["priority"]) for group in found.groups} == {
        ((mail(1),), 2),
        ((mail(2),), 3),
    }


def _after(group: Group) -> list[tuple[str, object]]:
    return [(change.answer, change.after) for change in group.changes]


def test_facts_that_an_older_program_did_not_know_are_unknown_on_both_sides() -> None:
    rules = rule_set(priority='[[rule]]\nid = "new"\nwhen.similar.tickets = 0\npriority.cap_at = 4\n')
    old = Facts((("subject", "x"), ("arrived", AT.isoformat())))
    ledger = recorded_with(rule_set(), [old])

    found = replayed(ledger, rule_set(), rules).tallied

    assert (found.mails, found.changed, found.unmatched) == (1, 0, ("new",))
