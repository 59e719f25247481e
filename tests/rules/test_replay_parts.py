"""What changes where one of two rule sets cuts a mail: on how many tickets it is, and part by part what they are."""

from mailgateway.model.decision import Fact, Facts
from mailgateway.rules.decide import decide
from mailgateway.rules.replay import Change, causes, changes, sides
from mailgateway.rules.replayed import change_values, change_words
from mailgateway.rules.values import RuleSet
from tests.replays import QUOTA, facts, rule_set

CUT = """
[[rule]]
id = "cut"
{on}when.list.items = {{ at_least = 2 }}
split = "{how}"
"""
OUTAGE = """
[[rule]]
id = "outage"
when.text.mentions = "outage"
priority.raise_to = {priority}
"""
BILLING = """
[[rule]]
id = "money"
when.text.mentions = "invoice"
route.queue = "billing"
route.tags = ["money"]
"""
ITEMS = ("an outage", "a slow page", "an invoice")
ON_TICKET: dict[str, Fact] = {
    "ticket__found": True,
    "ticket__ref": "SUP-9-QX",
    "ticket__number": 9,
    "ticket__priority": 3,
    "sender__role": "requester",
}


def cutting(how: str = "one ticket per item", on: str = "", priority: int = 2, **kinds: str) -> RuleSet:
    texts = {"priority": OUTAGE.format(priority=priority), "routing": BILLING, **kinds}
    return rule_set(split=CUT.format(how=how, on=f'on = "{on}"\n' if on else ""), **texts)


def of_three(**changed: Fact) -> Facts:
    return facts(text=f"Three\n\n{ITEMS}", list__items=3, list__item_texts=ITEMS, **changed)  # type: ignore[arg-type]  # values of facts


def changed(before: RuleSet, after: RuleSet, seen: Facts) -> tuple[Change, ...]:
    return changes(decide(before, seen), decide(after, seen))


WHOLE, SUGGESTED, THREE = cutting("never"), cutting("suggest only"), cutting()


def test_a_mail_that_is_cut_is_told_with_its_tickets_and_what_becomes_of_each_part() -> None:
    assert changed(WHOLE, THREE, of_three()) == (
        Change("tickets", 1, 3),
        Change("split", "never", "one ticket per item"),
        Change("queue", "billing", "support", part=1),
        Change("tags", ("money",), (), part=1),
        Change("queue", "billing", "support", part=2),
        Change("priority", 2, 3, part=2),
        Change("tags", ("money",), (), part=2),
        Change("priority", 2, 3, part=3),
    )


def test_the_way_back_says_the_same_the_other_way_round() -> None:
    there, back = changed(WHOLE, THREE, of_three()), changed(THREE, WHOLE, of_three())

    assert {Change(one.answer, one.after, one.before, one.part) for one in there} == set(back)


def test_a_mail_that_both_cut_is_compared_part_by_part() -> None:
    assert changed(THREE, cutting(priority=1), of_three()) == (Change("priority", 2, 1, part=1),)


def test_what_the_whole_of_a_mail_that_both_cut_would_be_is_no_change() -> None:
    only_whole = BILLING.replace('"invoice"', '"three"')

    assert changed(cutting(routing=BILLING + only_whole.replace('"money"', '"w"', 1)), THREE, of_three()) == ()


def test_a_suggestion_is_no_other_number_of_tickets() -> None:
    assert changed(WHOLE, SUGGESTED, of_three()) == (
        Change("split", "never", "suggest only"),
        Change("tags", ("money",), ("money", "maybe-several-issues")),
    )


def test_of_a_reply_that_is_cut_the_first_part_is_compared_and_the_others_are_new() -> None:
    found = changed(cutting("never", "reply"), cutting(on="reply"), of_three(**ON_TICKET))

    assert found[:2] == (Change("tickets", 1, 3), Change("split", "never", "one ticket per item"))
    assert [one for one in found if one.part == 1] == []
    assert {one.answer: (one.before, one.after) for one in found if one.part == 3} == {
        "queue": (None, "billing"),
        "kind": (None, "question"),
        "priority": (None, 3),
        "tags": ((), ("money",)),
    }


def test_an_ignored_mail_is_on_no_ticket() -> None:
    ignores = '[[rule]]\nid = "no"\nroute.ignore = true\nroute.because = "no"\n'

    assert changed(THREE, cutting(routing=ignores), of_three())[0] == Change("tickets", 3, 0)


def test_a_quota_that_is_used_up_by_a_part_is_a_cause() -> None:
    before, after = cutting(quota=QUOTA.replace("allow = 1", "allow = 2")), cutting(quota=QUOTA)
    seen = of_three(**{"usage__enterprise-priority": 1})

    why = causes(sides(before, after), decide(before, seen), decide(after, seen))

    assert why == ("edited: enterprise-priority", "enterprise-priority is used up")


def test_a_change_of_a_part_says_which() -> None:
    tickets, of_part = Change("tickets", 1, 3), Change("priority", 3, 1, part=2)

    assert [change_words(tickets), change_words(of_part)] == ["tickets 1 -> 3", "part 2 priority 3 -> 1"]
    assert change_values(tickets) == {"answer": "tickets", "before": 1, "after": 3}
    assert change_values(of_part, "then", "now") == {"answer": "priority", "then": 3, "now": 1, "part": 2}
