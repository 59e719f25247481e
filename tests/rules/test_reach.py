"""Which rules can never act: those that another one surely takes everything from, and no others."""

import pytest

from mailgateway.diagnostics import DiagnosedError, Diagnostic
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from tests.rules.rulesets import SITE


def warnings(kind: str, text: str) -> list[tuple[str, int]]:
    """(code, line) of what is said of rules; each gets an example, so that only reach is spoken of."""
    whole = f'format = 1\nkind = "{kind}"\n{text}'
    lists = 'format = 1\nkind = "lists"\n[phrases]\nwide = ["alpha", "beta", "gamma"]\nnarrow = ["beta", "alpha"]\n'
    files = {"site.toml": f'format = 1\nkind = "site"\n{SITE}', f"{kind}.toml": whole, "lists.toml": lists}
    loaded = load(RuleFiles(tuple(sorted((n, t.encode()) for n, t in files.items()))), starter_files())
    return [(one.code, one.position.line) for one in loaded.warnings]


def routing(first: str, second: str, *, stop: str = "true") -> str:
    """Two rules, the first of which stops; the second begins at line 3 + the first's."""
    example = "\n[[rule.example]]\n"
    return (
        f'[[rule]]\nid = "first"\n{first}\nroute.queue = "support"\nstop = {stop}{example}'
        f'[[rule]]\nid = "second"\n{second}\nroute.queue = "billing"{example}'
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", 'when.customer.plan = "basic"'),
        ('when.customer.plan = "basic"', 'when.customer.plan = "basic"'),
        ('when.customer.plan = ["basic", "professional"]', 'when.customer.plan = "basic"'),
        ('when.text.mentions = "@wide"', 'when.text.mentions = "@narrow"'),
        ('when.text.mentions = "@wide"', 'when.text.mentions = "beta"'),
        ('when.text.contains = ["abc", "def"]', 'when.text.contains = "DEF"'),
        ('when.text.matches = ["a+", "b+"]', 'when.text.matches = "b+"'),
        ('when.mail.mailbox = ["a@x.example", "b@x.example"]', 'when.mail.mailbox = "a@x.example"'),
        ("when.stated.priority = { at_most = 3 }", "when.stated.priority = { at_most = 2, at_least = 1 }"),
        ("when.stated.priority = { at_most = 3 }", "when.stated.priority = [1, 2]"),
        ("when.stated.priority = [1, 2, 3]", "when.stated.priority = 2"),
        ("when.customer.known = true", "when.customer.known = true\nwhen.sender.typed = true"),
        ('unless.customer.plan = "basic"', 'unless.customer.plan = ["basic", "professional"]'),
    ],
)
def test_a_rule_behind_one_that_stops_all_it_could_match_is_told(first: str, second: str) -> None:
    assert [code for code, _ in warnings("routing", routing(first, second))] == ["W010"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('when.customer.plan = "basic"', ""),
        ('when.customer.plan = "basic"', 'when.customer.plan = ["basic", "professional"]'),
        ('when.customer.plan = "basic"', 'unless.customer.plan = "basic"'),
        ('when.text.mentions = "@narrow"', 'when.text.mentions = "@wide"'),
        ('when.text.mentions = "beta"', 'when.subject.mentions = "beta"'),
        ("when.stated.priority = { at_most = 2 }", "when.stated.priority = { at_most = 3 }"),
        ("when.stated.priority = { at_most = 2 }", "when.stated.priority = [1, 3]"),
        ("when.customer.known = true", "when.customer.known = false"),
        ("when.customer.known = true\nwhen.sender.typed = true", "when.customer.known = true"),
        ('unless.customer.plan = ["basic", "professional"]', 'unless.customer.plan = "basic"'),
        ("until = 2030-01-01", 'when.customer.plan = "basic"'),
        ("off = true", 'when.customer.plan = "basic"'),
    ],
)
def test_a_rule_that_some_mail_may_reach_is_not(first: str, second: str) -> None:
    assert warnings("routing", routing(first, second)) == []


def test_a_rule_behind_one_that_does_not_stop_is_reached() -> None:
    assert warnings("routing", routing("", "", stop="false")) == []


def test_the_first_of_several_that_stop_all_is_named() -> None:
    text = routing("when.sender.typed = true", "stop = true") + (
        '[[rule]]\nid = "third"\nwhen.sender.typed = true\nroute.kind = "incident"\n[[rule.example]]\n'
    )
    whole = f'format = 1\nkind = "routing"\n{text}'
    files = RuleFiles((("routing.toml", whole.encode()), ("site.toml", f'format = 1\nkind = "site"\n{SITE}'.encode())))

    (found,) = load(files, starter_files()).warnings

    assert found.help == ('move it above "first" (line 3), or remove "stop" there',)


def test_in_a_life_cycle_the_first_rule_that_matches_takes_all() -> None:
    text = (
        '[[rule]]\nid = "first"\nwhen.ticket.status = ["closed", "resolved"]\nthen = "reopen"\n[[rule.example]]\n'
        '[[rule]]\nid = "second"\nwhen.ticket.status = "closed"\nthen = "close"\n[[rule.example]]\n'
    )

    assert warnings("lifecycle", text) == [("W010", 8)]


def caps(raise_when: str, cap_when: str, cap: int = 3) -> str:
    return (
        f'[[rule]]\nid = "up"\n{raise_when}\npriority.raise_to = 1\n[[rule.example]]\n'
        f'[[rule]]\nid = "down"\n{cap_when}\npriority.cap_at = {cap}\n[[rule.example]]\n'
    )


@pytest.mark.parametrize(
    ("raise_when", "cap_when", "cap", "expected"),
    [
        ('when.text.mentions = "alpha"', 'when.text.mentions = "alpha"', 3, ["W011"]),
        ('when.text.mentions = "alpha"', 'when.text.mentions = "@wide"', 2, ["W011"]),
        ('when.text.mentions = "alpha"', 'when.text.mentions = "alpha"', 1, []),
        ('when.text.mentions = "@wide"', 'when.text.mentions = "alpha"', 3, []),
        ('when.text.mentions = "alpha"', 'when.text.mentions = "alpha"\non = "reply"', 3, []),
        ('when.text.mentions = "alpha"', 'when.text.mentions = "alpha"\nfrom = 2026-01-01', 3, []),
    ],
)
def test_a_raise_that_is_always_capped_below_itself_is_told(
    raise_when: str, cap_when: str, cap: int, expected: list[str]
) -> None:
    assert [code for code, _ in warnings("priority", caps(raise_when, cap_when, cap))] == expected


@pytest.mark.parametrize(
    "lines",
    [
        "when.customer.known = true\nunless.customer.known = true",
        "from = 2026-02-01\nuntil = 2026-01-01",
    ],
)
def test_a_rule_that_asks_for_what_cannot_be_is_told(lines: str) -> None:
    text = f'[[rule]]\nid = "a"\n{lines}\nroute.queue = "support"\n[[rule.example]]\n'

    assert warnings("routing", text) == [("W013", 3)]


def faults(**files: str) -> list[Diagnostic]:
    whole = {"site": f'format = 1\nkind = "site"\n{SITE}', **files}
    try:
        loaded = load(RuleFiles(tuple(sorted((f"{n}.toml", t.encode()) for n, t in whole.items()))), starter_files())
    except DiagnosedError as error:
        return list(error.diagnostics)
    return list(loaded.warnings)


def test_nothing_is_concluded_from_a_rule_that_could_not_be_read() -> None:
    text = 'format = 1\nkind = "routing"\n' + routing('when.custmer.plan = "basic"', 'when.customer.plan = "basic"')

    assert [fault.code for fault in faults(routing=text)] == ["E110"]


@pytest.mark.parametrize("broken", ["[phrases\n", 'phrases = "x"\n'])
def test_lists_that_could_not_be_read_do_not_count_as_missing(broken: str) -> None:
    routes = 'format = 1\nkind = "routing"\n' + routing('when.text.mentions = "@any"', "")

    found = faults(routing=routes, lists=f'format = 1\nkind = "lists"\n{broken}')

    assert [fault.position.path for fault in found] == ["lists.toml"]


def test_words_of_a_site_that_could_not_be_read_do_not_count_as_unknown() -> None:
    routes = 'format = 1\nkind = "routing"\n' + routing('when.customer.plan = "gold"\nroute.kind = "any"', "")

    found = faults(routing=routes, site=f'format = 1\nkind = "site"\nplns = []\n{SITE}')

    assert [(fault.code, fault.position.path) for fault in found] == [("E010", "site.toml")]


def test_a_site_that_is_only_spoken_of_is_none() -> None:
    routes = 'format = 1\nkind = "routing"\n# see "site"\n'
    files = RuleFiles((("routing.toml", routes.encode()),))

    with pytest.raises(DiagnosedError) as raised:
        load(files, starter_files())

    assert [fault.code for fault in raised.value.diagnostics] == ["E402"]


def test_an_id_of_a_rule_that_is_switched_off_is_taken_all_the_same() -> None:
    text = 'format = 1\nkind = "routing"\n' + routing("off = true", "").replace('"second"', '"first"')

    assert [fault.code for fault in faults(routing=text)] == ["E401"]


def test_guards_without_a_limit_on_answers_are_told() -> None:
    guard = 'format = 1\nkind = "guards"\n[[rule]]\nid = "a"\nsilent = "so"\n%s\n[[rule.example]]\n'

    without, with_limit = (
        faults(guards=guard % line) for line in ("when.sender.typed = true", "when.answers.recent = { at_least = 9 }")
    )

    assert [fault.code for fault in without] == ["W050"]
    assert with_limit == []
