"""What every kind of condition shows of what it saw, word for word: explain and the ticket's history print it."""

import pytest

from mailgateway.model.decision import Fact, Step
from mailgateway.rules.values import RuleSet
from tests.rules.rulesets import decided, ruled

SATURDAY, WEDNESDAY, HOLIDAY = (f"2026-03-{day}T08:20:00+00:00" for day in ("07", "04", "06"))


def asking(line: str) -> RuleSet:
    return ruled(
        routing=f'[[rule]]\nid = "r"\nwhen.{line}',
        calendars='[[calendar]]\nid = "office"\ntime_zone = "+03:00"\nopen.mon-fri = "09:00-17:00"\n'
        'holidays = [2026-03-06]\n[[calendar]]\nid = "night"\nopen.always = "22:00-24:00"',
    )


def step(line: str, fact: str, value: Fact) -> Step:
    return next(one for one in decided(asking(line), {fact: value}).trace if one.rule == "r")


@pytest.mark.parametrize(
    ("line", "words", "fact", "hit", "seen", "miss", "shown"),
    [
        (
            'text.mentions = ["burns", "is down"]',
            "text mentions burns, is down",
            "text",
            "it is\ndown!",
            '"it [is ¶ down]!"',
            "fine",
            "no such words",
        ),
        (
            'subject.contains = ["x", "[B]"]',
            "subject contains x, [B]",
            "subject",
            "a [b]",
            '"[B]"',
            "a",
            "not in the text",
        ),
        ("text.matches = 'b+'", "text matches b+", "text", "abbc", '"a[bb]c"', "ac", "no match"),
        (
            'customer.plan = ["basic", "enterprise"]',
            "customer.plan is one of basic, enterprise",
            "customer.plan",
            "Basic",
            "Basic",
            "gold",
            "gold",
        ),
        ('mail.kind = "list"', "mail.kind is list", "mail.kind", "list", "list", "person", "person"),
        (
            'attachments.names = ["*.log", "*.zip"]',
            "attachments.names is like *.log, *.zip",
            "attachments.names",
            ("a.LOG", "b.pdf"),
            "a.LOG",
            ("a.pdf", "b.pdf"),
            "a.pdf, b.pdf",
        ),
        (
            'attachments.names = "*.log"',
            "attachments.names is like *.log",
            "attachments.names",
            ("a.log",),
            "a.log",
            (),
            "none",
        ),
        ("answers.recent = 3", "answers.recent is 3", "answers.recent", 3, "3", 4, "4"),
        ("answers.recent = [3, 4]", "answers.recent is one of 3, 4", "answers.recent", 4, "4", 5, "5"),
        (
            "answers.recent = { at_least = 3 }",
            "answers.recent is at least 3",
            "answers.recent",
            3,
            "3",
            2,
            "2",
        ),
        (
            "answers.recent = { at_least = 3, at_most = 5 }",
            "answers.recent is at least 3 and at most 5",
            "answers.recent",
            5,
            "5",
            6,
            "6",
        ),
        ("customer.known = true", "customer.known is true", "customer.known", True, "true", False, "false"),
        ("customer.known = false", "customer.known is false", "customer.known", False, "false", True, "true"),
        (
            'arrived.in_hours = "office"',
            "arrived in hours office",
            "arrived",
            WEDNESDAY,
            "Wed 04 Mar 11:20 is inside office",
            SATURDAY,
            "Sat 07 Mar 11:20 is outside office",
        ),
        (
            'arrived.in_hours = ["night", "office"]',
            "arrived in hours night, office",
            "arrived",
            WEDNESDAY,
            "Wed 04 Mar 11:20 is inside office",
            SATURDAY,
            "Sat 07 Mar 09:20 is outside night",
        ),
        (
            'arrived.on_holiday = "office"',
            "arrived on holiday office",
            "arrived",
            HOLIDAY,
            "Fri 06 Mar 11:20 is a holiday of office",
            SATURDAY,
            "Sat 07 Mar 11:20 is a working day of office",
        ),
    ],
)
def test_a_condition_shows_its_words_and_what_it_saw(  # noqa: PLR0913, PLR0917 -- a table's columns
    line: str, words: str, fact: str, hit: Fact, seen: str, miss: Fact, shown: str
) -> None:
    tried = [step(line, fact, value).tried for value in (hit, miss, None)]

    assert [one for each in tried for one in each] == [
        ("when", words, True, seen),
        ("when", words, False, shown),
        ("when", words, None, "(unknown)"),
    ]


def test_a_long_name_is_shown_to_its_first_characters() -> None:
    assert step('customer.id = "x"', "customer.id", "a" * 61).evidence == "a" * 59 + "…"
    assert step('customer.id = "x"', "customer.id", "a" * 60).evidence == "a" * 60


def test_what_has_several_lines_is_shown_on_one() -> None:
    assert step('customer.id = "x"', "customer.id", "a \n\t b").evidence == "a b"


def test_several_names_are_one_name_to_a_condition_on_a_name() -> None:
    assert step('customer.id = "a, b"', "customer.id", ("a", "b")).matched


@pytest.mark.parametrize(("answer", "name"), [(True, "true"), (False, "false")])
def test_yes_and_no_are_names_to_a_condition_on_a_name(answer: bool, name: str) -> None:
    assert step(f'customer.id = "{name}"', "customer.id", answer).matched
