"""Every recipe of the cookbook runs: put into the starter set it loads, and its own examples show what it does."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from mailgateway.app.rules.examples import run_example
from mailgateway.compose.templates import Templates
from mailgateway.compose.told import paragraph
from mailgateway.model.effects import Told
from mailgateway.rules.kinds.all import EXPECTED
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Rule, RuleSet
from tests.compose.values import SHIPPED, SITE, TICKET
from tests.docs.pages import PAGES, Block, files_with, sections

TOLD = re.compile(r"^`templates/(en/told/[\w-]+\.txt)`:\n\n```jinja\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN_TEXTS = dict(TOLD.findall((PAGES / "cookbook.md").read_text("utf-8")))
RECIPES: Mapping[str, Sequence[Block]] = {
    heading: [block for block in blocks if block.kind]
    for heading, blocks in sections(PAGES / "cookbook.md").items()
    if any(block.kind for block in blocks)
}
OF_STARTER = {rule.id for rules in load(starter_files(), starter_files()).rules.rules.values() for rule in rules}


def _own(rules: RuleSet) -> list[Rule[object]]:
    return [rule for of_kind in rules.rules.values() for rule in of_kind if rule.id not in OF_STARTER]


def _without(rules: RuleSet, gone: str) -> RuleSet:
    kept = {kind: tuple(rule for rule in of_kind if rule.id != gone) for kind, of_kind in rules.rules.items()}
    return replace(rules, rules=kept)


def test_there_are_24_recipes() -> None:
    assert len(RECIPES) == 24


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_loads_without_a_warning_and_all_examples_pass(recipe: str) -> None:
    loaded = load(files_with(RECIPES[recipe]), starter_files())

    results = [run_example(example, loaded.rules) for example in loaded.rules.examples]

    assert loaded.warnings == ()
    assert [(one.title, one.failures) for one in results if not one.passed] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_has_rules_with_an_example_and_a_counterexample_each(recipe: str) -> None:
    rules = load(files_with(RECIPES[recipe]), starter_files()).rules
    own = _own(rules)

    shown = {(example.rule, example.must_match) for example in rules.examples}

    assert own
    assert {(rule.id, must_match) for rule in own for must_match in (True, False)} <= shown


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_without_its_rule_gives_other_answers(recipe: str) -> None:
    rules = load(files_with(RECIPES[recipe]), starter_files()).rules

    for rule in _own(rules):
        examples = [example for example in rules.examples if example.rule == rule.id and example.must_match]
        results = [run_example(example, _without(rules, rule.id)) for example in examples]
        wrong = {failure.answer for result in results for failure in result.failures}
        assert wrong & EXPECTED, f"no answer shows that {rule.id} does anything"


def test_every_text_that_a_recipe_names_is_shown_or_shipped_and_can_be_sent() -> None:
    sites = [tomllib.loads(block.text) for blocks in RECIPES.values() for block in blocks if block.kind == "site"]
    named = {name for site in sites for name in site.get("templates", ())}
    templates = Templates(SHIPPED, OWN_TEXTS)

    said = {name: paragraph(templates, SITE, TICKET, "en", Told(name, "a-rule", ())) for name in named}

    assert named <= {*templates.told}
    assert all(one.text for one in said.values())
    assert {name.split("/")[-1].removesuffix(".txt") for name in OWN_TEXTS} <= named
