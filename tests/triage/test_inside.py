"""What wrote a message that came through a channel: the person inside, not the robot."""

from dataclasses import replace

import pytest

from mailgateway.model.message import Address, Classification, Message, MessageKind, Relay, Through
from mailgateway.triage.inside import classify_through
from tests.factories import SUPPORT, message

OWN = frozenset({SUPPORT})
ROBOT = (("auto-submitted", "auto-generated"), ("list-id", "<x.example>"), ("precedence", "bulk"))


def through(kind: Through, *headers: tuple[str, str], sender: str = "carla@customer.example") -> Message:
    read = message(*ROBOT, *headers, sender=sender, return_path="")
    return replace(read, relay=Relay(kind, Address("", "noreply@web.example"), "web"))


@pytest.mark.parametrize("kind", [Through.FORM, Through.CHAT])
def test_a_visitor_is_a_person_whatever_the_carrier_looks_like(kind: Through) -> None:
    assert classify_through(through(kind), OWN) == Classification(MessageKind.PERSON, "", "")


@pytest.mark.parametrize("typed", [SUPPORT, "noreply@x.example", "mailer-daemon@x.example", ""])
def test_a_visitor_with_a_machines_or_no_address_is_a_person_who_gets_no_answer(typed: str) -> None:
    found = classify_through(through(Through.FORM, sender=typed), OWN)

    assert found.kind is MessageKind.PERSON
    assert found.no_answer


def test_spam_through_a_form_is_not_answered() -> None:
    assert classify_through(through(Through.FORM, ("x-spam-flag", "YES")), OWN).no_answer


def test_a_groups_own_headers_do_not_count() -> None:
    read = replace(through(Through.LIST), headers=(("list-id", "<x>"), ("list-post", "<y>"), ("precedence", "list")))

    assert classify_through(read, OWN) == Classification(MessageKind.PERSON, "", "")


def test_an_absence_that_a_group_passes_on_stays_one() -> None:
    read = replace(through(Through.LIST), subject="Out of office", headers=(("auto-submitted", "auto-replied"),))

    assert classify_through(read, OWN).kind is MessageKind.OUT_OF_OFFICE


def test_our_own_mail_that_a_group_passes_on_is_ours() -> None:
    assert classify_through(through(Through.LIST, sender=SUPPORT), OWN).kind is MessageKind.OWN


def test_a_mail_through_no_channel_is_classified_as_it_is() -> None:
    assert classify_through(message(*ROBOT), OWN).kind is not MessageKind.PERSON
