"""Items 5, 15 and 16 for any facts: the same decision for the same facts, and never an exception."""

from collections.abc import Mapping
from datetime import UTC
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.decision import Fact, Facts
from mailgateway.model.effects import IgnoreMail, OpenTicket, PostMessage
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.quota import quota_keys
from mailgateway.rules.shipped import default_rules
from mailgateway.rules.vocabulary import TERMS
from tests.rules.rulesets import decided, ruled

EVERYTHING_WRITTEN = {
    "lists": '[phrases]\nbad = ["production down", "is ... down", "out*", "停电"]',
    "calendars": '[[calendar]]\nid = "office"\nopen.mon-fri = "09:00-17:00"\nholidays = [2026-03-06]',
    "routing": """
[[rule]]
id = "held"
when.text.mentions = ["@bad", "help"]
unless.mail.mailbox = ["billing@*", "*@x.example"]
route = { hold = true, because = "so", tags = ["a"] }
[[rule]]
id = "money"
when.text.matches = '(?i)invoice \\d+'
when.subject.contains = "bill"
route = { queue = "billing", kind = "upgrade", tags = ["b", "a"] }
stop = true
[[rule]]
id = "away"
when.arrived.in_hours = "office"
unless.arrived.on_holiday = "office"
unless.mail.header.x-product.contains = "s"
from = 2020-01-01
route = { ignore = true, because = "so" }
""",
    "priority": """
[[rule]]
id = "up"
when.customer.plan = ["basic", "enterprise"]
priority.raise_to = 1
[[rule]]
id = "cap"
when.stated.priority = { at_most = 2 }
unless.ticket.tags = "b"
priority = { cap_at = 2, as_stated = true }
tell = "capped"
[[rule]]
id = "again"
on = "reply"
when.ticket.priority = [2, 3, 4]
priority.raise_to = 1
""",
    "quota": """
[[quota]]
id = "q"
when.ticket.is_priority = true
allow = 1
per = "calendar week"
used_up = { priority = { cap_at = 3 }, tell = "quota-used", tag = "over" }
[[quota]]
id = "each"
unless.usage.q = 5
allow = 2
per = "calendar day"
each = "contact"
""",
    "lifecycle": """
[[rule]]
id = "old"
when.ticket.closed_days = { at_least = 30 }
then = "new ticket"
tell = "over"
[[rule]]
id = "reopen"
when.ticket.status = ["closed", "waiting"]
then = "reopen"
""",
}
EVERYTHING = ruled(**EVERYTHING_WRITTEN)
"""Rules that ask everything that can be asked."""
READ_AGAIN = ruled(**EVERYTHING_WRITTEN)
NAMES = sorted(
    {
        *(term.name.replace("*", "x-product") for term in TERMS),
        *(f"usage.{quota}{what}" for quota in ("q", "each") for what in ("", ".tickets", ".period", ".holder")),
        *("customer.time_zone", "ticket.ref", "ticket.priority_by_hand"),
    }
)
WORDS = st.sampled_from(
    [
        *("production down", "is it down", "billing@acme.example", "basic", "person", "Invoice 12", "bill", "停电"),
        *("2026-03-04T12:00:00+00:00", "2026-03-06T23:59:60", "0001-01-01T00:00:00+23:59", "Europe/Berlin", "closed"),
        *("\ud83d\x00 lone", "x" * 300_000, "agent", ""),
    ]
)
SINGLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 5)
    | WORDS
    | st.text(st.characters(codec=None), max_size=30)
)
ANY_FACT = SINGLE | st.lists(WORDS | st.text(max_size=5), max_size=3).map(tuple)
ANY_FACTS = st.dictionaries(st.sampled_from(NAMES), ANY_FACT, max_size=40).map(
    lambda found: Facts(tuple(found.items()))
)
RIGHT: Mapping[str, st.SearchStrategy[Fact]] = {
    "text": WORDS,
    "subject": WORDS,
    "mail.kind": st.sampled_from(["person", "person", "list", "bounce"]),
    "customer.plan": st.sampled_from([None, "basic", "enterprise"]),
    "customer.id": st.sampled_from([None, "giant"]),
    "sender.address": st.just("a@giant.example"),
    "stated.priority": st.sampled_from([None, 1, 2, 5]),
    "stated.by": st.sampled_from([None, "line"]),
    "arrived": st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat()),
    "ticket.found": st.booleans(),
    "ticket.priority": st.integers(1, 5),
    "ticket.status": st.sampled_from(["open", "closed", "waiting"]),
    "ticket.closed_days": st.sampled_from([None, 3, 40]),
    "thread.verified": st.booleans(),
    "usage.q": st.integers(0, 2),
    "mail.no_answer": st.sampled_from(["", "spam"]),
}
RIGHT_FACTS = st.fixed_dictionaries({}, optional=dict(RIGHT)).map(lambda found: Facts(tuple(found.items())))


# --- decisions


@given(RIGHT_FACTS | ANY_FACTS)
def test_the_same_facts_and_files_give_the_same_decision(facts: Facts) -> None:
    assert decide(EVERYTHING, facts) == decide(READ_AGAIN, Facts(tuple(facts.values)))


@given(ANY_FACTS | RIGHT_FACTS)
def test_facts_of_whatever_types_end_in_one_place_and_never_in_an_exception(facts: Facts) -> None:
    for rules in (EVERYTHING, default_rules()):
        found = decide(rules, facts)

        places = [one for one in found.effects if isinstance(one, OpenTicket | PostMessage | IgnoreMail)]
        assert len(places) == 1
        assert all(key.holder for key in quota_keys(rules, dict(facts.values)))


@given(RIGHT_FACTS)
def test_facts_of_the_right_types_never_meet_an_error(facts: Facts) -> None:
    assert [step.error for step in decide(EVERYTHING, facts).trace if step.error] == []


# --- the order of rules of priority

ANSWERS = st.sampled_from([f"priority.{what} = {n}" for what in ("raise_to", "cap_at") for n in range(1, 6)])
PLANS = st.sampled_from(["", 'when.customer.plan = "basic"', 'unless.customer.plan = "basic"'])
RULES = st.lists(st.tuples(PLANS, ANSWERS), min_size=2, max_size=6)


@given(RULES, st.randoms(use_true_random=False), st.sampled_from(["basic", "enterprise", None]))
def test_the_order_of_the_rules_of_priority_does_not_matter(
    rules: list[tuple[str, str]], random: Random, plan: Fact
) -> None:
    texts = [f'[[rule]]\nid = "r{i}"\n{conditions}\n{answer}\n' for i, (conditions, answer) in enumerate(rules)]
    shuffled = random.sample(texts, len(texts))

    one, other = (decided(ruled(priority="".join(order)), {"customer.plan": plan}) for order in (texts, shuffled))

    assert one.effects == other.effects
    assert {(answer.name, answer.value, *sorted(answer.rule.split(", "))) for answer in one.answers} == {
        (answer.name, answer.value, *sorted(answer.rule.split(", "))) for answer in other.answers
    }
