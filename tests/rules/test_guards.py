"""Guards: any that matches takes the automatic answer away; nothing a file says makes a machine be answered."""

from dataclasses import replace

import pytest

from mailgateway.model.effects import Acknowledge, NotifyAgents, OpenTicket, StaySilent
from mailgateway.model.message import MessageKind
from tests.rules.rulesets import codes, decided, given, matched, ruled

OPENED = OpenTicket("new-ticket", "support", "question", 3)
TOLD_NEW = NotifyAgents("notify-new", ())


def guard(name: str, *lines: str) -> str:
    return "\n".join(("[[rule]]", f'id = "{name}"', f'silent = "because {name}"', *lines, ""))


def test_any_matching_guard_takes_the_answer_away_and_the_first_gives_the_reason() -> None:
    rules = ruled(
        guards=guard("no", 'when.customer.plan = "basic"', 'tag = "never"')
        + guard("a", 'tag = "x"')
        + guard("b", 'tag = "y"')
        + guard("c", 'tag = "x"')
    )

    found = decided(rules)

    assert found.effects == (replace(OPENED, tags=("x", "y")), StaySilent("a", "because a"), TOLD_NEW)
    assert given(found, "silent") == ("because a", "a, b, c")


def test_without_a_matching_guard_the_answer_is_sent() -> None:
    found = decided(ruled(guards=guard("no", 'when.customer.plan = "basic"')))

    assert found.effects == (OPENED, Acknowledge("acknowledge"), TOLD_NEW)
    assert given(found, "silent") == (None, "")


def test_guards_are_not_asked_where_the_program_itself_stays_silent() -> None:
    found = decided(ruled(guards=guard("a")), {"mail.answerable": False})

    assert matched(found, "guards") == []
    assert isinstance(found.effects[1], StaySilent)


def test_a_site_without_guards_of_its_own_has_the_shipped_ones_and_one_with_its_own_only_these() -> None:
    flood = {"answers.recent": 10}

    assert decided(ruled(), flood).effects[1] == StaySilent("one-address", "ten answers to this address within an hour")
    assert decided(ruled(guards=""), flood).effects[1] == Acknowledge("acknowledge")


def test_guards_that_limit_no_answers_to_one_address_are_pointed_out() -> None:
    assert codes(guards=guard("a", "when.answers.alike = 4")) == ["W050"]
    assert codes(guards=guard("a", "when.answers.recent = { at_least = 4 }")) == []


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.PERSON])
@pytest.mark.parametrize("found", [False, True])
def test_no_file_makes_a_machine_be_answered(kind: MessageKind, found: bool) -> None:
    rules = ruled(
        guards="",
        routing='[[rule]]\nid = "r"\nroute.refuse = "instead"',
        lifecycle='[[rule]]\nid = "l"\nthen = "close"\ntell = "over"',
        priority='[[rule]]\nid = "p"\npriority.raise_to = 1\ntell = "over"',
    )

    for is_answer in (False, True):
        effects = decided(rules, {"mail.kind": kind.value, "ticket.found": found, "mail.is_answer": is_answer}).effects
        assert not {type(effect).__name__ for effect in effects} & {"Acknowledge", "Refuse", "Inform", "ChangeStatus"}


def test_a_reason_is_compulsory() -> None:
    assert codes(guards='[[rule]]\nid = "a"\nsilent = ""\nwhen.answers.recent = 9') == ["E130"]
