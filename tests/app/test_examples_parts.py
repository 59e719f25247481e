"""What examples may expect of a mail that is cut: of the whole, of every part, and of one part."""

import pytest

from mailgateway.app.rules.examples import ExampleReport, run_examples
from mailgateway.app.rules.examples_report import failure_text
from tests.rules.rulesets import ruled

MAIL = """Subject: Several things

We have three issues:
1. The invoice is wrong, see bill.pdf.
2. Production is down since noon.
3. How do we add a user?
"""
SPLIT = """
[[rule]]
id = "announced"
{on}when.list.lead_in.mentions = "issues"
split = "one ticket per item"
  [[rule.example]]
  {given}
  mail = '''
{mail}'''
  {expect}
"""
ROUTING = """
[[rule]]
id = "money"
when.text.mentions = "invoice"
route.queue = "billing"
route.tags = ["money"]
"""
PRIORITY = """
[[rule]]
id = "outage"
when.text.mentions = "production is down"
priority.raise_to = 1
"""


def ran(*expect: str, given: str = "", on: str = "") -> ExampleReport:
    """Return what came of one example that expects something."""
    split = SPLIT.format(on=on, given=given, mail=MAIL, expect="\n  ".join(expect))
    return run_examples(ruled(split=split, routing=ROUTING, priority=PRIORITY, guards=""))


def failures(report: ExampleReport) -> list[tuple[str, object, object, str]]:
    return [(one.answer, one.expected, one.got, one.by) for result in report.failed for one in result.failures]


def test_what_becomes_of_each_part_can_be_expected() -> None:
    report = ran(
        "expect.tickets = 3",
        'expect.split = "one ticket per item"',
        'expect.part.1.title = "The invoice is wrong, see bill.pdf."',
        'expect.part.1.queue = "billing"',
        'expect.part.1.tags = ["money"]',
        'expect.part.1.files = ["bill.pdf", "all.txt"]',
        'expect.part.2.priority = "critical"',
        'expect.part.2.queue = "support"',
        "expect.part.2.tags = []",
        'expect.part.2.files = ["bill.pdf", "all.txt"]',
        "expect.part.3 = { priority = 3, hold = false, counted = [], kind = 'question' }",
        given='given.attachments.names = ["bill.pdf", "all.txt"]',
    )

    assert failures(report) == []
    assert report.passed


def test_without_a_part_every_part_is_meant_and_lists_are_those_of_all_together() -> None:
    assert failures(ran('expect.kind = "question"', 'expect.tags = ["money"]', "expect.told = []")) == []
    assert failures(ran('expect.queue = "billing"', "expect.priority = 3")) == [
        ("queue", "billing", ("billing", "support", "support"), "(default)"),
        ("priority", 3, ("3", "1", "3"), "(default)"),
    ]


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ("expect.part.2.priority = 3", ("part.2.priority", 3, 1, "outage")),
        ('expect.part.3.queue = "billing"', ("part.3.queue", "billing", "support", "(default)")),
        ('expect.part.2.tags = ["money"]', ("part.2.tags", ("money",), (), "")),
        ('expect.part.4.queue = "support"', ("part.4.queue", "support", None, "")),
        ('expect.part.1.title = "x"', ("part.1.title", "x", "The invoice is wrong, see bill.pdf.", "")),
    ],
)
def test_a_part_that_comes_out_otherwise_fails_with_who_decided_it(
    expect: str, failure: tuple[str, object, object, str]
) -> None:
    assert failures(ran(expect)) == [failure]


def test_a_failure_of_a_part_stands_at_its_own_line() -> None:
    report = ran("expect.tickets = 4", "expect.part.2.priority = 3")

    tickets, of_part = (one.place for one in report.failed[0].failures)
    assert of_part.line == tickets.line + 1
    assert "   part.2.priority: expected 3, got 1   (decided by outage)" in failure_text(report.failed[0], report.rules)


def test_the_first_part_of_a_reply_is_what_stays_on_its_ticket() -> None:
    report = ran(
        "expect.tickets = 2",
        "expect.part.1.priority = 2",
        'expect.part.1.queue = "sales"',
        "expect.part.2.priority = 1",
        given='given.ticket = { found = true, priority = 2, queue = "sales" }',
        on='on = "reply"\n',
    )

    assert failures(report) == []
