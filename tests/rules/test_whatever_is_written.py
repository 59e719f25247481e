"""Item 16 for any files: what is printed reads as it was, and whatever is written is read or diagnosed."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.diagnostics import DiagnosedError
from mailgateway.model.decision import Facts
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.decide import decide
from mailgateway.rules.kinds.all import FILES
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Rule, RuleSet
from tests.rules.rulesets import SITE
from tests.rules.toml_printer import printed

STARTER = starter_files()
NOTHING = RuleFiles(())
A_SITE = f'format = 1\nkind = "site"\n{SITE}'.encode()

# --- printed and read again


def conditions(rules: RuleSet) -> list[tuple[object, ...]]:
    return [
        (rule.id, rule.outcome, rule.starts, rule.ends, rule.why, rule.on_reply, asked(rule))
        for of_kind in rules.rules.values()
        for rule in of_kind
    ]


def asked(rule: Rule[object]) -> list[tuple[object, ...]]:
    return [(one.clause, one.words, one.test) for one in rule.conditions]


@pytest.mark.parametrize("name", [name for name, _ in STARTER.files])
def test_a_shipped_file_printed_and_read_again_is_the_same(name: str) -> None:
    values = tomllib.loads(dict(STARTER.files)[name].decode())

    assert tomllib.loads(printed(values)) == values


def test_rules_printed_and_read_again_are_the_same() -> None:
    again = tuple((name, printed(tomllib.loads(raw.decode())).encode()) for name, raw in STARTER.files)

    assert conditions(load(RuleFiles(again), STARTER).rules) == conditions(load(STARTER, STARTER).rules)


SCALARS = (
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=10) | st.dates() | st.floats(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("id", "when", "unless", "route", "priority", "rule", "quota", "example", "given", "expect", "mail", "name"),
        *(
            "tell",
            "allow",
            "per",
            "each",
            "used_up",
            "then",
            "silent",
            "tag",
            "text",
            "mentions",
            "contains",
            "matches",
        ),
        *("customer", "plan", "arrived", "in_hours", "calendar", "open", "holidays", "phrases", "default", "kinds"),
        *("queues", "from", "until", "off", "on", "why", "stop", "hold", "ignore", "because"),
    ]
)
TABLES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
def test_whatever_is_printed_reads_as_it_was(values: dict[str, object]) -> None:
    assert tomllib.loads(printed(values)) == values


# --- whatever stands in the files


def survives(name: str, raw: bytes) -> None:
    """Read files of which one is another; anything but diagnostics fails the test."""
    files = {"site.toml": A_SITE, name: raw}
    try:
        loaded = load(RuleFiles(tuple(sorted(files.items()))), NOTHING)
    except DiagnosedError as error:
        text = error.render(color=False)
    else:
        text = decide(loaded.rules, Facts(())).revision
    assert text


@given(st.sampled_from([*FILES, "nothing"]), st.dictionaries(KEYS, TABLES, max_size=6))
def test_any_toml_is_read_or_diagnosed(kind: str, values: dict[str, object]) -> None:
    survives("more.toml", printed({"format": 1, "kind": kind, **values}).encode())


@given(st.sampled_from([kind for kind in FILES if kind not in {"site", "lists", "calendars"}]), TABLES, KEYS)
def test_any_value_at_any_key_of_a_rule_is_read_or_diagnosed(kind: str, value: object, key: str) -> None:
    table = "quota" if kind == "quota" else "rule"

    survives("more.toml", printed({"format": 1, "kind": kind, table: [{"id": "r", key: value}]}).encode())


@given(
    st.sampled_from([name for name, _ in STARTER.files]),
    st.integers(0, 2**16),
    st.integers(0, 40),
    st.binary(max_size=12)
    | st.sampled_from([b'"', b"[", b"]]\n", b"\n[[rule]]\n", b"=", b"'''", b" = 1\n", b"{", b"\x00"]),
)
def test_a_real_file_with_some_bytes_changed_is_read_or_diagnosed(name: str, at: int, gone: int, new: bytes) -> None:
    raw = dict(STARTER.files)[name]
    start = at % (len(raw) + 1)

    survives(name, raw[:start] + new + raw[start + gone :])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_diagnosed(raw: bytes) -> None:
    survives("more.toml", raw)
    survives("tests/m.expect.toml", raw)
