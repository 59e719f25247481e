"""Every block of rules in the pages about rules is checked as an admin's file would be, mistakes included."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from mailgateway.app.rules.examples import run_example
from mailgateway.cli.rules.pages import with_made
from mailgateway.config.models import Config, RulesConfig
from mailgateway.rules.kinds.all import FILES
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from tests.docs.pages import PAGES, ROOT, Block, blocks, files_with, pages, sections, wrong_file
from tests.docs.shown import codes_of, diagnostics_of, found_in

EVERY = tuple(block for page in pages() for block in blocks(page))
OWN_TESTS = {"cookbook.md", "tutorial.md"}
RIGHT = [
    pytest.param(found, id=f"{page.name}: {heading}")
    for page in pages()
    if page.name not in OWN_TESTS
    for heading, of_section in sections(page).items()
    if (found := [block for block in of_section if (block.kind in FILES or block.name) and not block.is_wrong])
]
WRONG = [
    pytest.param(block, after, id=str(block))
    for page in pages()
    for block, after in pairwise(blocks(page))
    if block.is_wrong
]


@pytest.mark.parametrize("block", [block for block in EVERY if block.language == "toml"], ids=str)
def test_every_toml_block_says_what_it_is_so_that_it_is_tested(block: Block) -> None:
    assert block.kind in {*FILES, "config", "add", "expect"}


@pytest.mark.parametrize("found", RIGHT)
def test_rules_of_a_section_load_without_a_warning_and_their_examples_pass(found: list[Block]) -> None:
    loaded = load(files_with(found), starter_files())
    ids = ids_of(found)

    results = [run_example(example, loaded.rules) for example in loaded.rules.examples if example.rule in ids]

    assert loaded.warnings == ()
    assert {result.example.rule for result in results} == ids
    assert [(one.title, one.failures) for one in results if not one.passed] == []


def ids_of(found: list[Block]) -> set[str]:
    """Return the ids of the rules in some blocks; "" for a whole mail."""
    tables = [tomllib.loads(block.text) for block in found if not block.name]
    whole = {"" for block in found if block.name}
    return whole | {str(rule["id"]) for table in tables for name in ("rule", "quota") for rule in table.get(name, ())}


@pytest.mark.parametrize(("block", "after"), WRONG)
def test_a_mistake_gives_the_diagnostics_that_the_page_shows(block: Block, after: Block) -> None:
    codes = {one.code for one in found_in(wrong_file(block))[0]}

    shown = diagnostics_of(block)

    assert {*codes_of(block)} <= codes <= {*codes_of(block), "W012"}
    assert (after.language, after.text) == ("text", shown), "python -m tests.docs.shown writes them anew"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)

    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]

    assert [link for link in links if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Return whether there is a file, and in it a heading, that a link names."""
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    headings = re.findall(r"^#+ +(.*)$", target.read_text("utf-8"), flags=re.MULTILINE) if anchor else []
    return not anchor or anchor in {anchor_of(heading) for heading in headings}


def test_tables_that_are_made_from_the_code_are_up_to_date() -> None:
    old = [page.name for page in pages() if with_made(page.read_text("utf-8")) != page.read_text("utf-8")]

    assert old == [], "make docs writes them anew"


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_has_its_table(kind: str) -> None:
    assert f"<!-- made from the code: kind {kind} -->" in (PAGES / f"{kind}.md").read_text("utf-8")


@pytest.mark.parametrize("block", [block for block in EVERY if block.kind == "config"], ids=str)
def test_configuration_in_a_page_has_only_known_keys(block: Block) -> None:
    whole = tomllib.loads(block.text)

    assert Config.model_fields.keys() >= whole.keys()
    assert RulesConfig.model_validate(whole["rules"], strict=False)


def anchor_of(heading: str) -> str:
    """Return the anchor that a heading gets on the usual forges."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_kind_has_a_page_and_the_index_names_every_page() -> None:
    index = (PAGES / "README.md").read_text("utf-8")

    assert {f"{kind}.md" for kind in FILES} <= {page.name for page in pages()}
    assert [page.name for page in pages() if page.name != "README.md" and f"({page.name})" not in index] == []
