import tomllib
from collections.abc import Iterator
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.kinds.all import FILES, RULE_KINDS
from mailgateway.rules.names import Names, names_in
from mailgateway.rules.schema import file_schema
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Known
from tests.rules.example_files import example_files

STARTER = starter_files()
NAMES = Names(
    plans=("basic", "gold"),
    kinds=("question", "incident"),
    queues=("support", "billing"),
    templates=("refused",),
    priorities=("critical", "high", "normal"),
    lists=("outage",),
    calendars=("office",),
    quotas=("big",),
)


def plain(value: object) -> object:
    """A value of TOML as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def faults(text: str, names: Names = NAMES) -> list[tuple[str, str]]:
    """(place, message) of what an editor marks in a rule file."""
    values = tomllib.loads(text)
    validator = Draft202012Validator(file_schema(values["kind"], names))
    return [(error.json_path, error.message) for error in validator.iter_errors(plain(values))]


def rule(kind: str, text: str) -> str:
    outcome = {"priority": "priority.raise_to = 1", "guards": 'silent = "so"', "lifecycle": 'then = "reopen"'}
    return f'format = 1\nkind = "{kind}"\n[[rule]]\nid = "a"\n{outcome.get(kind, "")}\n{text}\n'


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("names", [Names(), NAMES])
def test_every_schema_is_one(kind: str, names: Names) -> None:
    Draft202012Validator.check_schema(file_schema(kind, names))


def files(whole: RuleFiles) -> Iterator[tuple[str, str, Names]]:
    names = names_in(whole)
    for name, raw in whole.files:
        yield name, raw.decode(), names
        yield name, raw.decode(), Names()


@pytest.mark.parametrize(("name", "text", "names"), [*files(STARTER), *files(example_files())])
def test_shipped_and_example_files_are_as_their_schemas_say(name: str, text: str, names: Names) -> None:
    assert faults(text, names) == [], name


@pytest.mark.parametrize(
    ("kind", "line", "place"),
    [
        ("priority", "when.custmer.plan = 'gold'", "$.rule[0].when"),
        ("priority", "when.customer.plan = 'golden'", "$.rule[0].when.customer.plan"),
        ("priority", "when.customer.plan = ['gold', 'bold']", "$.rule[0].when.customer.plan"),
        ("priority", "when.text = 'a'", "$.rule[0].when.text"),
        ("priority", "when.text.mention = 'a'", "$.rule[0].when.text"),
        ("priority", "when.text.mentions = '@outages'", "$.rule[0].when.text.mentions"),
        ("priority", "when.stated.priority = 'high'", "$.rule[0].when.stated.priority"),
        ("priority", "when.stated.priority = { at_lest = 2 }", "$.rule[0].when.stated.priority"),
        ("priority", "when.customer.known = 'yes'", "$.rule[0].when.customer.known"),
        ("priority", "when.arrived.in_hours = 'offices'", "$.rule[0].when.arrived.in_hours"),
        ("priority", "when.mail.kind = 'persom'", "$.rule[0].when.mail.kind"),
        ("priority", "unless.usage.small = 3", "$.rule[0].unless.usage"),
        ("priority", "priority.cap_at = 4", "$.rule[0].priority.cap_at"),
        ("priority", "tell = 'unknown'", "$.rule[0].tell"),
        ("routing", "route.queue = 'biling'", "$.rule[0].route.queue"),
        ("routing", "when.ticket.priority = 1", "$.rule[0].when.ticket"),
        ("routing", "on = 'reply'", "$.rule[0].on"),
        ("guards", "example = [{ expcet.tags = ['x'] }]", "$.rule[0].example[0]"),
        ("guards", "example = [{ expect.tgas = ['x'] }]", "$.rule[0].example[0].expect"),
        ("guards", "example = [{ given.customer.known = 'x' }]", "$.rule[0].example[0].given.customer.known"),
    ],
)
def test_a_wrong_word_is_marked_where_it_stands(kind: str, line: str, place: str) -> None:
    assert [found for found, _ in faults(rule(kind, line))] == [place]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("priority", "when.customer.plan = 'gold'"),
        ("priority", "when.text.mentions = ['@outage', 'production down']"),
        ("priority", "when.stated.priority = [1, 2]"),
        ("priority", "when.stated.priority = { at_most = 2 }"),
        ("priority", "when.mail.header.x-product.contains = 'storage'"),
        ("priority", "when.usage.big = 3"),
        ("priority", "from = 2026-01-01\nuntil = 2026-12-31"),
        ("priority", "when.ticket.is_priority = true\non = 'reply'"),
        ("lifecycle", "when.ticket.status = 'closed'"),
        ("guards", "when.ticket.priority = 1"),
        ("guards", "example = [{ given.arrived = 2026-11-07T03:00:00+03:00, expect.silent = 'so' }]"),
    ],
)
def test_a_right_line_is_not_marked(kind: str, line: str) -> None:
    assert faults(rule(kind, line)) == []


def test_without_names_of_the_site_any_word_may_stand() -> None:
    lines = "when.customer.plan = 'golden'\nwhen.text.mentions = '@any'\nwhen.usage.any = 1\npriority.cap_at = 9"

    assert faults(rule("priority", lines), Names()) == []


@pytest.mark.parametrize("kind", [kind.name for kind in RULE_KINDS])
def test_every_fact_of_a_schema_says_what_it_means(kind: str) -> None:
    definitions = file_schema(kind)["$defs"]
    assert isinstance(definitions, dict)
    facts = definitions["conditions"]["properties"]

    customer = facts["customer"]["properties"]

    assert customer["plan"]["description"] == "The plan of that customer's contract."
    assert all(fact["description"] for fact in customer.values())


def test_names_are_read_from_the_files_and_the_configuration() -> None:
    known = Known(agents=("anna",), roles=("support",))

    assert names_in(STARTER, known) == Names(
        kinds=("question", "incident", "request"),
        queues=("support",),
        templates=("priority-changed", "closed-too-long", "refused"),
        roles=("support",),
        priorities=("critical", "high", "normal", "low", "lowest"),
        agents=("anna",),
        lists=tuple(tomllib.loads(dict(STARTER.files)["lists.toml"].decode())["phrases"]),
        calendars=("office", "round-the-clock"),
    )


def test_a_file_with_faults_only_takes_its_own_names_away() -> None:
    changed = {**dict(STARTER.files), "site.toml": b"kind = ", "lists.toml": b'kind = "lists"\nphrases = 3'}

    found = names_in(RuleFiles(tuple(sorted(changed.items()))))

    assert found == Names(calendars=("office", "round-the-clock"))
