import pytest

from mailgateway.rules.fields import (
    Entry,
    entries,
    fields_reference,
    kind_reference,
    likeliest,
    rule_reference,
)
from mailgateway.rules.kinds.all import FILES, RULE_KINDS
from mailgateway.rules.names import Names
from mailgateway.rules.terms import FactType
from mailgateway.rules.vocabulary import TERMS


def test_a_fact_is_told_with_the_names_of_the_site() -> None:
    assert entries(Names(plans=("basic", "gold")), "customer.plan") == (
        Entry(
            name="customer.plan",
            type=FactType.NAME,
            meaning="The plan of that customer's contract.",
            example='when.customer.plan = ["professional", "advanced"]',
            asked=(),
            names=("basic", "gold"),
            known="in every kind",
        ),
    )


def test_a_text_is_told_with_what_may_be_asked_of_it() -> None:
    (text,) = entries(Names(), "text")

    assert (text.asked, text.names) == (("mentions", "contains", "matches"), ())


def test_a_group_is_all_facts_below_it_and_no_name_is_every_fact() -> None:
    group = [entry.name for entry in entries(Names(), "answers")]

    assert group == ["answers.recent", "answers.to_domain", "answers.alike"]
    assert [entry.name for entry in entries(Names())] == [term.name for term in TERMS]


def test_a_header_field_and_a_quota_are_found_by_any_name() -> None:
    found = [entries(Names(), name)[0].name for name in ("mail.header.x-product", "usage.big")]

    assert found == ["mail.header.*", "usage.*"]


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("custmer", "customer"),
        ("customer.pln", "customer.plan"),
        ("plan", "customer.plan"),
        ("client.plan", "customer.plan"),
        ("xyzzy", None),
    ],
)
def test_the_likeliest_fact_is_proposed(wanted: str, near: str | None) -> None:
    assert (entries(Names(), wanted), likeliest(wanted)) == ((), near)


def test_the_reference_of_facts_has_a_row_for_each_and_a_table_for_each_group() -> None:
    page = fields_reference()

    assert all(page.count(f"| `{term.name}` |") == 1 for term in TERMS)
    assert (
        "| `customer.plan` | name | The plan of that customer's contract. One of `plans` of site.toml. "
        '| `when.customer.plan = ["professional", "advanced"]` |'
    ) in page
    assert "### `customer`\n\n| fact | type | meaning | example |\n" in page
    assert "Known after priority." in page


def test_no_cell_of_a_reference_breaks_its_table() -> None:
    pages = [fields_reference(), rule_reference(), *map(kind_reference, FILES)]

    rows = [line for page in pages for line in page.splitlines() if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {3, 5}


def test_the_reference_of_a_kind_has_its_policy_its_keys_and_what_examples_may_expect() -> None:
    page = kind_reference("priority")

    assert "then the least urgent of all `cap_at`, in any order." in page
    assert "| `id` | short name | required | Unique over all files" in page
    assert "| `priority.raise_to` | whole number, from 1 to 9 |  | The ticket is at least as urgent as this" in page
    assert "| `priority.as_stated` | true or false | `false` |" in page
    assert "- Examples may expect: `priority`, `told`, `tags`.\n- The order of the rules does not matter.\n" in page
    assert 'It looks at mails that open a ticket, and with `on = "reply"` at replies.' in page


@pytest.mark.parametrize("kind", [kind.name for kind in RULE_KINDS])
def test_what_every_rule_has_is_said_once_for_all_kinds(kind: str) -> None:
    page = kind_reference(kind)

    assert "`off`" not in page
    assert "| `off` | true or false | `false` |" in rule_reference()


def test_the_reference_of_a_file_without_rules_has_all_its_tables() -> None:
    site, lists = kind_reference("site"), kind_reference("lists")

    assert "### `[default]`" in site
    assert "| `queue` | text | required | Where it lies; one of `queues`. |" in site
    assert "| `phrases` | table |  | Each list by its name" in lists


def test_life_cycles_look_at_replies_only() -> None:
    assert "- It looks at replies only." in kind_reference("lifecycle")


def test_there_is_no_page_for_a_kind_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        kind_reference("prices")
