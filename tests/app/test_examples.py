"""Examples of rules as tests: what passes, what fails, and what is said of a failure."""

import pytest

from mailgateway.app.rules.examples import ExampleReport, run_examples
from mailgateway.app.rules.examples_report import coverage_lines, failure_text, report_of, summary
from mailgateway.diagnostics import DiagnosedError
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.shipped import built_in_rules, default_rules
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.app.parts import config, snapshot_of
from tests.rules.rulesets import files, ruled

QUESTION = "From: carla@customer.example\nSubject: A question\n\nHow do I add a user?\n"
OUTAGE = "From: carla@customer.example\nSubject: Help\n\nProduction is down.\n"
ROUTING = """
[[rule]]
id = "invoices"
when.text.mentions = "invoice"
route.queue = "billing"
route.kind = "incident"
route.assignee = "olga"
route.role = "sales"
route.tags = ["money", "late"]
stop = true
[[rule]]
id = "abuse"
when.text.mentions = "you idiots"
route.hold = true
route.because = "abusive words"
[[rule]]
id = "adverts"
when.text.mentions = "best offer"
route.ignore = true
route.because = "an advert"
[[rule]]
id = "phone-calls"
when.text.mentions = "call me"
route.refuse = "instead"
"""
PRIORITY = """
[[rule]]
id = "outage"
when.text.mentions = "production is down"
when.customer.plan = "enterprise"
priority.raise_to = 1
[[rule]]
id = "reminder"
on = "reply"
when.text.mentions = "production is down"
priority.raise_to = 2
"""
QUOTA = """
[[quota]]
id = "urgent"
when.ticket.is_priority = true
allow = 1
per = "calendar month"
used_up.priority.cap_at = 3
used_up.tell = "over"
used_up.tag = "over-quota"
"""
ALL = {"routing": ROUTING, "priority": PRIORITY, "quota": QUOTA}


def whole_mail(mail: str, expect: str) -> ExampleReport:
    """Return what came of a whole mail in the folder `tests`."""
    written = files(**ALL).files
    test = (("tests/one.eml", mail.encode()), ("tests/one.expect.toml", expect.encode()))
    return run_examples(load(RuleFiles(tuple(sorted((*written, *test)))), starter_files()).rules)


def with_example(rule: str, example: str, kind: str = "priority") -> RuleSet:
    """Return all rules, one of them with something behind it."""
    begin, found, rest = ALL[kind].partition(f'id = "{rule}"\n')
    head, more, tail = rest.partition("\n[[rule]]")
    return ruled(**{**ALL, kind: f"{begin}{found}{head}\n{example}\n{more}{tail}"})


def failures(report: ExampleReport) -> list[tuple[str, object, object, str]]:
    return [(one.answer, one.expected, one.got, one.by) for result in report.failed for one in result.failures]


# --- what can be expected ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expect"),
    [
        ("A question", 'queue = "support"\nkind = "question"\npriority = 3\ntags = []\ntold = []\ntickets = 1'),
        ("My invoice", 'queue = "billing"\nkind = "incident"\nassignee = "olga"\nrole = "sales"'),
        ("My invoice", 'tags = ["money", "late"]'),
        ("you idiots", 'hold = "abusive words"\nsilent = "held: abusive words"\nrefuse = ""\ntickets = 1'),
        ("you idiots", "hold = true\nrefuse = false\nignore = false"),
        ("our best offer", 'ignore = "an advert"\ntickets = 0'),
        ("call me", 'refuse = "instead"\nhold = false\nsilent = ""'),
        ("A question", 'priority = "normal"\nsilent = false\nused_up = []\ncounted = []'),
    ],
)
def test_every_answer_can_be_expected(words: str, expect: str) -> None:
    report = whole_mail(f"From: carla@customer.example\nSubject: Hello\n\n{words}\n", f"[expect]\n{expect}")

    assert failures(report) == []
    assert report.passed


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ('queue = "sales"', ("queue", "sales", "billing", "invoices")),
        ("priority = 2", ("priority", 2, 3, "(default)")),
        ("priority = true", ("priority", True, 3, "(default)")),
        ('tags = ["late", "money"]', ("tags", ("late", "money"), ("money", "late"), "")),
        ("tags = []", ("tags", (), ("money", "late"), "")),
        ('told = "over"', ("told", "over", (), "")),
        ("hold = true", ("hold", True, None, "")),
        ("tickets = 3", ("tickets", 3, 1, "")),
        ('silent = "no"', ("silent", "no", None, "")),
    ],
)
def test_another_answer_fails_with_who_decided_it(expect: str, failure: tuple[str, object, object, str]) -> None:
    report = whole_mail("From: carla@customer.example\nSubject: Invoice\n\nx\n", f"[expect]\n{expect}")

    assert not report.passed
    assert failures(report) == [failure]


def test_quotas_of_an_example_are_those_that_are_given() -> None:
    mail = '[[quota.example]]\nmail = """\n' + OUTAGE + '"""\ngiven.customer.plan = "enterprise"\n'
    first = 'given.usage.urgent = 0\nexpect.priority = 1\nexpect.counted = ["urgent"]\nexpect.told = []\n'
    second = 'given.usage.urgent = 1\nexpect.priority = 3\nexpect.used_up = ["urgent"]\nexpect.told = ["over"]\n'
    tags = 'expect.tags = ["over-quota"]\nexpect.counted = []\n'

    report = run_examples(with_example("urgent", mail + first + mail + second + tags, "quota"))

    assert failures(report) == []
    assert len(report.results) == 2


def test_a_priority_that_is_given_of_a_new_ticket_stands_for_the_stages_after_it() -> None:
    mail = '[[quota.example]]\nmail = """\n' + QUESTION + '"""\ngiven.customer.plan = "basic"\n'
    given = "given.ticket.is_priority = true\ngiven.usage.urgent = 1\nexpect.used_up = ['urgent']\n"

    report = run_examples(with_example("urgent", mail + given, "quota"))

    assert failures(report) == []


def test_a_reply_is_given_by_its_ticket() -> None:
    mail = f'[[rule.example]]\nmail = """\n{OUTAGE}"""\ngiven.ticket.found = true\nexpect.priority = 2\n'
    more = "expect.then = 'leave'\nexpect.queue = 'support'\nexpect.tickets = 0\n"
    closed = f'[[rule.counterexample]]\nmail = """\n{QUESTION}"""\ngiven.ticket.status = "closed"\n'

    report = run_examples(with_example("reminder", f"{mail}{more}{closed}expect.then = 'reopen'\n"))

    assert failures(report) == []


# --- whether the rule matches -----------------------------------------------------------------------------------------


def test_an_example_must_match_its_rule_and_a_counterexample_must_not() -> None:
    example = f'[[rule.example]]\nname = "no plan"\nmail = """\n{OUTAGE}"""\n'
    counter = f'[[rule.counterexample]]\nmail = """\n{OUTAGE}"""\ngiven.customer.plan = "enterprise"\n'

    report = run_examples(with_example("outage", example + counter))

    assert [result.title for result in report.failed] == ["outage / no plan", "outage / counterexample 1"]
    assert failures(report) == [
        ('rule "outage" matches', "yes", "no", ""),
        ('rule "outage" matches', "no", "yes", ""),
    ]


def test_a_failure_prints_the_conditions_of_the_rule_with_yes_or_no() -> None:
    example = f'[[rule.example]]\nname = "no plan"\nmail = """\n{OUTAGE}"""\nexpect.priority = 1\n'
    rules = with_example("outage", example)

    report = run_examples(rules)

    assert failure_text(report.failed[0], rules).splitlines() == [
        "FAIL  outage / no plan",
        "   --> priority.toml:9",
        '   rule "outage" matches: expected "yes", got "no"',
        "   priority: expected 1, got 3   (decided by (default))",
        "  -     outage                       priority.toml:4",
        f'          yes when   {"text mentions production is down":<68} "Help ¶ [Production is down]."',
        f"          NO  when   {'customer.plan is enterprise':<68} (unknown)",
    ]


def test_a_failure_of_a_rule_that_was_not_tried_says_what_stopped_it() -> None:
    mail = "From: carla@customer.example\nSubject: Invoice\n\ncall me\n"
    rules = with_example("phone-calls", f'[[rule.example]]\nmail = """\n{mail}"""\n', "routing")

    text = failure_text(run_examples(rules).failed[0], rules)

    assert text.splitlines()[-1] == "          not tried: invoices stops first"
    assert "          yes when   text mentions call me" in text


def test_a_whole_mail_that_fails_prints_the_rules_that_decided() -> None:
    report = whole_mail("From: carla@customer.example\nSubject: Invoice\n\nx\n", '[expect]\nqueue = "sales"')

    lines = failure_text(report.failed[0], report.rules).splitlines()

    assert lines[0] == "FAIL  tests/one"
    assert lines[2] == '   queue: expected "sales", got "billing"   (decided by invoices)'
    assert lines[3].split() == ["MATCH", "invoices", "routing.toml:4"]


def test_an_example_that_passed_prints_nothing() -> None:
    assert {failure_text(one, default_rules()) for one in run_examples(default_rules()).results} == {""}


# --- the whole set ---------------------------------------------------------------------------------------------------


def test_the_shipped_examples_pass_with_and_without_a_configuration() -> None:
    plain = run_examples(default_rules())
    configured = run_examples(default_rules(), snapshot_of(config()))

    assert (plain.passed, configured.passed) == (True, True)
    assert len(plain.results) == len(default_rules().examples) >= 20
    assert plain.without(must_match=True) == plain.without(must_match=False) == ()


def test_tags_that_every_ticket_gets_are_not_the_rules() -> None:
    example = f'[[rule.example]]\nmail = """\n{QUESTION}"""\ngiven.answers.recent = 9\nexpect.tags = []\n'
    rules = ruled(guards=f'[[rule]]\nid = "g"\nwhen.answers.recent = 9\nsilent = "why"\n{example}')
    tagged = RuleSet(**{**{name: getattr(rules, name) for name in RuleSet.__dataclass_fields__}, "tags": ("all",)})

    assert run_examples(tagged).passed


def test_no_example_at_all_is_a_failure() -> None:
    report = run_examples(built_in_rules())

    assert (report.results, report.failed, report.passed) == ((), (), False)


def test_rules_of_shipped_files_that_stand_in_need_no_examples() -> None:
    report = run_examples(ruled(routing='[[rule]]\nid = "r"\nwhen.text.mentions = "invoice"\nroute.kind = "incident"'))

    assert [rule.id for rule in report.own_rules] == ["r"]
    assert coverage_lines(report) == (
        "without an example: r (routing.toml:3)",
        "without a counterexample: r (routing.toml:3)",
    )
    assert summary(report, 21) == "0 passed, 0 failed  (0 of 1 rules have examples, 21 ms)"


def test_a_report_for_programs_has_a_case_for_each_example_and_a_problem_for_each_failure() -> None:
    example = f'[[rule.example]]\nname = "no plan"\nmail = """\n{OUTAGE}"""\nexpect.priority = 1\n'
    report = run_examples(with_example("outage", example))

    made = report_of(report, [0.5], with_coverage=True)

    assert [(case.group, case.name, case.time_s) for case in made.cases] == [("outage", "no plan", 0.5)]
    assert [(one.code, one.message, one.position) for one in made.problems] == [
        ("X001", 'outage / no plan: rule "outage" matches: expected "yes", got "no"', report.results[0].example.place),
        (
            "X002",
            "outage / no plan: priority: expected 1, got 3   (decided by (default))",
            report.results[0].example.places["priority"],
        ),
    ]
    assert made.counts["passed"] == 0
    assert made.counts["without_counterexample"] == [
        "invoices",
        "abuse",
        "adverts",
        "phone-calls",
        "outage",
        "reminder",
        "urgent",
    ]


def test_a_report_of_no_example_is_no_success() -> None:
    made = report_of(run_examples(built_in_rules()), [])

    assert (made.ok, [one.code for one in made.problems]) == (False, ["X003"])


def test_a_name_that_is_none_of_the_sites_cannot_be_given() -> None:
    example = f'[[rule.example]]\nmail = """\n{OUTAGE}"""\ngiven.customer.plan = "enterprize"\n'

    with pytest.raises(DiagnosedError, match="enterprize") as caught:
        with_example("outage", example)

    assert [(one.code, one.help[0]) for one in caught.value.diagnostics if one.code != "W012"] == [
        ("E111", 'did you mean "enterprise"?')
    ]
