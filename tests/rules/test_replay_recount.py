"""Quotas counted anew: the same as they were counted live, and never more places than there are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Fact, Facts
from mailgateway.model.effects import ChangePriority, OpenTicket, TakeQuota
from mailgateway.model.quota import QuotaKey, Usage
from mailgateway.rules.kinds.quota import QUOTA
from mailgateway.rules.recount import HandAct, Recount, counted_from
from mailgateway.rules.values import RuleSet
from tests.replays import AT, Ledger, facts, rule_set
from tests.replays import QUOTA as ONE_A_MONTH

OUTAGE = """
[[rule]]
id = "outage"
when.text.mentions = "outage"
priority.raise_to = 2
"""
PERIODS = ("calendar day", "calendar week", "calendar month", "calendar quarter", "calendar year")
WORDS = ("outage", "lab", "slow", "upgrade")
KEY = QuotaKey("enterprise-priority", "acme", "2026-10-01")


# --- small rule sets and mails at random


def priority_rule(number: int, word: str, priority: int, is_cap: bool, on_reply: bool) -> str:
    answer = f"priority.{'cap_at' if is_cap else 'raise_to'} = {priority}\n"
    on = 'on = "reply"\n' if on_reply else ""
    return f'[[rule]]\nid = "priority-{number}"\n{on}when.text.mentions = "{word}"\n{answer}'


def quota(number: int, allow: int, per: str, each: str, condition: str) -> str:
    used_up = f'used_up.tag = "over-{number}"\n' + ("used_up.priority.cap_at = 3\n" if number % 2 else "")
    return f'[[quota]]\nid = "quota-{number}"\n{condition}allow = {allow}\nper = "{per}"\neach = "{each}"\n{used_up}'


CONDITIONS = st.sampled_from(
    [
        "",
        "when.ticket.is_priority = true\n",
        'when.text.mentions = "outage"\n',
        'unless.customer.plan = "basic"\n',
        "when.ticket.is_priority = true\nunless.usage.quota-0 = { at_least = 1 }\n",
    ]
)
PRIORITY_RULES = st.builds(
    priority_rule, st.just(0), st.sampled_from(WORDS), st.integers(1, 4), st.booleans(), st.booleans()
)
QUOTAS = st.builds(
    quota,
    st.just(0),
    st.integers(0, 3),
    st.sampled_from(PERIODS),
    st.sampled_from(["customer", "contact"]),
    CONDITIONS,
)


def numbered(texts: list[str], name: str) -> str:
    return "".join(text.replace(f'"{name}-0"', f'"{name}-{number}"', 1) for number, text in enumerate(texts))


CUT = """
[[rule]]
id = "cut"
when.list.items = { at_least = 2 }
split = "one ticket per item"
[[rule]]
id = "cut-off"
on = "reply"
when.list.items = { at_least = 2 }
split = "one ticket per item"
"""
RULE_SETS = st.builds(
    lambda priorities, quotas, split: rule_set(
        priority=numbered(priorities, "priority"), quota=numbered(quotas, "quota"), split=split
    ),
    st.lists(PRIORITY_RULES, max_size=4),
    st.lists(QUOTAS, min_size=1, max_size=3),
    st.sampled_from(["", CUT]),
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of a random history: whose, when after the one before, what it says, what happens to its ticket."""

    customer: str
    hours: int
    words: tuple[str, ...]
    replies_to: int | None
    is_spam: bool


MAILS = st.builds(
    Mail,
    st.sampled_from(["acme", "giant", ""]),
    st.sampled_from([0, 1, 30, 200, 900]),
    st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    st.none() | st.integers(0, 5),
    st.booleans(),
)
HISTORIES = st.lists(MAILS, min_size=1, max_size=12)


def recorded(rules: RuleSet, history: list[Mail]) -> Ledger:
    """Return a history as it is decided live: counted from the ledger, tickets with the priority they got."""
    ledger, at = Ledger(rules), AT
    priorities: dict[str, int] = {}
    for mail in history:
        at += timedelta(hours=mail.hours, minutes=2)
        refs = list(priorities)
        ref = refs[mail.replies_to % len(refs)] if mail.replies_to is not None and refs else ""
        decision = ledger.record(seen(mail, at, ref, priorities.get(ref, 3)))
        names = ledger.mails[-1].parts or (ledger.mails[-1].ticket,)
        for effect in decision.effects:
            if isinstance(effect, OpenTicket):
                priorities[names[max(effect.part, 1) - 1]] = effect.priority
            elif isinstance(effect, ChangePriority):
                priorities[ref] = effect.priority
        if mail.is_spam and priorities:
            ledger.give_back(next(iter(priorities)), at + timedelta(minutes=1))
    return ledger


def seen(mail: Mail, at: datetime, ref: str, priority: int) -> Facts:
    of_ticket = {"ticket__found": True, "ticket__ref": ref, "ticket__priority": priority} if ref else {}
    of_ticket |= {"ticket__is_priority": priority <= 2, "ticket__status": "open"} if ref else {}
    items = {"list__items": len(mail.words), "list__item_texts": mail.words} if len(mail.words) > 1 else {}
    return facts(
        text=" ".join(mail.words),
        customer__id=mail.customer or None,
        customer__known=bool(mail.customer),
        sender__address=f"ops@{mail.customer or 'nowhere'}.example",
        arrived=at.isoformat(),
        **items,  # type: ignore[arg-type]  # values of facts
        **of_ticket,  # type: ignore[arg-type]  # values of facts
    )


# --- what holds for all of them


@given(RULE_SETS, HISTORIES)
def test_recounting_with_the_rules_that_decided_gives_every_decision_again(rules: RuleSet, history: list[Mail]) -> None:
    ledger, count = recorded(rules, history), Recount(rules)
    acts = list(ledger.acts)

    for one, made in zip(ledger.mails, ledger.made, strict=True):
        while acts and acts[0].at <= one.decided_at:
            count.follow(acts.pop(0))
        assert one.facts is not None
        assert count.decide(one.facts, (one.ticket, *one.parts[1:])) == made


@given(RULE_SETS, RULE_SETS, HISTORIES)
def test_no_holder_ever_has_more_places_in_a_period_than_are_allowed(
    of_then: RuleSet, rules: RuleSet, history: list[Mail]
) -> None:
    allowed = {rule.id: QUOTA.own(rule).outcome.allow for rule in rules.rules["quota"]}
    ledger, count = recorded(of_then, history), Recount(rules)

    for one in ledger.mails:
        assert one.facts is not None
        decision = count.decide(one.facts, (one.ticket, *one.parts[1:]))
        for effect in decision.effects:
            if isinstance(effect, TakeQuota):
                assert count.usage(QuotaKey(effect.rule, effect.holder, effect.period)).used <= allowed[effect.rule]


# --- one by one


def test_the_recorded_usage_is_not_looked_at() -> None:
    rules = rule_set(priority=OUTAGE, quota=ONE_A_MONTH)
    count = Recount(rules)
    full = Facts((*facts().values, ("usage.enterprise-priority", 7)))

    first = count.decide(full, ("SUP-1-QX",))
    second = count.decide(full, ("SUP-2-QX",))

    assert (first.answer("priority"), second.answer("priority")) == (2, 3)
    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-1-QX",))


def test_a_place_given_back_is_free_again() -> None:
    count = Recount(rule_set(priority=OUTAGE, quota=ONE_A_MONTH))
    count.decide(facts(), ("SUP-1-QX",))

    count.follow(HandAct(AT, "SUP-1-QX"))

    assert count.decide(facts(), ("SUP-2-QX",)).answer("priority") == 2
    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-2-QX",))


def test_giving_back_names_the_count_or_the_priority_it_is_for() -> None:
    count = Recount(rule_set())
    other = QuotaKey("other", "acme", "2026-10-01")
    count.take(KEY, "SUP-1-QX", 2)
    count.take(other, "SUP-1-QX", 3)

    count.follow(HandAct(AT, "SUP-1-QX", below=2))
    count.follow(HandAct(AT, "SUP-2-QX"))
    kept = (count.usage(KEY).used, count.usage(other).used)
    count.follow(HandAct(AT, "SUP-1-QX", below=3))
    lowered = (count.usage(KEY).used, count.usage(other).used)
    count.follow(HandAct(AT, "SUP-1-QX", other))

    assert (kept, lowered) == ((1, 1), (0, 1))
    assert count.usage(other) == Usage(other, 0)


def test_what_a_person_took_by_hand_is_taken() -> None:
    count = Recount(rule_set())

    count.follow(HandAct(AT, "SUP-1-QX", KEY, takes=2))
    count.follow(HandAct(AT, "SUP-1-QX", below=2))

    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-1-QX",))


def test_places_are_taken_by_the_ticket_of_the_part_that_takes_them() -> None:
    count = Recount(rule_set(priority=OUTAGE, quota=ONE_A_MONTH, split=CUT))
    of_three = facts(list__items=3, list__item_texts=("a", "outage here", "outage there"))

    count.decide(of_three, ("SUP-1-QX", "SUP-2-QX"))
    named = count.usage(KEY)
    count.follow(HandAct(AT, "SUP-2-QX"))
    count.decide(of_three, ("M-7",))

    assert named == Usage(KEY, 1, ("SUP-2-QX",))
    assert count.usage(KEY) == Usage(KEY, 1, ("M-7, part 2",))


def test_what_is_cut_off_a_reply_takes_no_second_place() -> None:
    quotas = ONE_A_MONTH + ONE_A_MONTH.replace('"enterprise-priority"', '"second"').replace("when.ticket", "#")
    count = Recount(rule_set(quota=quotas, split=CUT, priority=OUTAGE.replace("when", 'on = "reply"\nwhen')))
    on_ticket: dict[str, Fact] = {"ticket__found": True, "ticket__ref": "SUP-9-QX", "ticket__priority": 3}
    reply = facts(**on_ticket, list__items=2, list__item_texts=("outage", "b"))  # type: ignore[arg-type]  # values of facts

    count.decide(reply, ("M-1", "SUP-2-QX"))

    second = QuotaKey("second", "acme", "2026-10-01")
    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-9-QX",))
    assert count.usage(second) == Usage(second, 1, ("SUP-9-QX",))


def test_a_ticket_has_one_place_of_a_count_at_most() -> None:
    count = Recount(rule_set())

    count.take(KEY, "SUP-1-QX", 2)
    count.take(KEY, "SUP-1-QX", 1)

    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-1-QX",))


def test_before_the_window_only_what_a_quota_may_count_is_decided() -> None:
    count = Recount(rule_set(priority=OUTAGE, quota=ONE_A_MONTH))

    count.count_only(facts(customer__plan="basic"), ("SUP-1-QX",))
    count.count_only(facts(), ("SUP-2-QX",))

    assert count.usage(KEY) == Usage(KEY, 1, ("SUP-2-QX",))


def test_quotas_are_counted_from_the_first_moment_their_oldest_period_can_have_begun_anywhere() -> None:
    yearly = rule_set(quota=ONE_A_MONTH.replace("month", "year"))
    monthly, none = rule_set(quota=ONE_A_MONTH), rule_set()

    assert counted_from(AT, none, none) == AT
    assert counted_from(AT, none, monthly) == datetime(2026, 9, 30, 10, tzinfo=UTC)
    assert counted_from(AT, yearly, monthly) == datetime(2025, 12, 31, 10, tzinfo=UTC)


def test_a_ticket_that_somebody_let_through_is_not_counted_again_by_a_later_reply() -> None:
    on_reply = OUTAGE.replace('id = "outage"', 'id = "outage-again"\non = "reply"')
    recount = Recount(rule_set(priority=OUTAGE + on_reply, quota=ONE_A_MONTH))
    recount.decide(facts(1), ("SUP-1-AA",))
    of_ticket: dict[str, Fact] = {
        "ticket__found": True,
        "ticket__ref": "SUP-2-BB",
        "ticket__priority": 3,
        "ticket__status": "open",
    }

    refused = recount.decide(facts(2, **of_ticket), ("",))
    granted = recount.decide(
        Facts((*facts(3, **of_ticket).values, ("usage.enterprise-priority.granted", ("SUP-2-BB",)))), ("",)
    )

    assert refused.answer("used_up") == ("enterprise-priority",)
    assert granted.answer("used_up") is None
    assert granted.answer("priority") == 2
