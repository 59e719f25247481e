"""What a mail means, without a database."""

from dataclasses import replace

import pytest

from mailgateway.app.assess import Assessment, read_message
from mailgateway.app.plan import NOBODY
from mailgateway.model.effects import Acknowledge, Effect, NotifyAgents, OpenTicket, StaySilent
from tests.app.decisions import (
    FETCHED,
    assessed,
    planned,
)
from tests.app.parts import config, snapshot_of
from tests.factories import (
    known,
    known_message,
    message,
)


def kinds(assessment: Assessment) -> list[type[Effect]]:
    return [type(effect) for effect in assessment.decision.effects]


def test_a_persons_first_mail_opens_a_ticket_is_acknowledged_and_told() -> None:
    assert kinds(assessed(message())) == [OpenTicket, Acknowledge, NotifyAgents]


@pytest.mark.parametrize("address", ["two..dots@customer.example", "no-domain", "", f"{'x' * 65}@customer.example"])
def test_a_sender_who_cannot_be_written_to_gets_nothing_and_the_mail_becomes_a_ticket(address: str) -> None:
    assessment = assessed(message(sender=address))

    outcome = planned(assessment)

    assert kinds(assessment) == [OpenTicket, StaySilent, NotifyAgents]
    assert [new.requester_address for new in outcome.tickets] == [address or NOBODY]
    assert {recipient for mail in outcome.outgoing for recipient in mail.recipients} == {
        "olga@acme.example",
        "rita@acme.example",
    }


def test_mail_that_is_not_answerable_is_not_answered() -> None:
    assert kinds(assessed(message(), answerable=False)) == [OpenTicket, StaySilent, NotifyAgents]


def test_a_mail_is_read_as_its_mailbox_sees_it() -> None:
    sales = config().mailbox[0].model_copy(update={"name": "sales", "address": "sales@acme.example"})
    both = snapshot_of(config(mailbox=(*config().mailbox, sales)))
    fetched = replace(FETCHED, location=replace(FETCHED.location, mailbox="sales"))

    reading = read_message(message(), fetched, both)

    assert (reading.site.mailbox, reading.site.address, reading.keys.mailbox) == (
        "sales",
        "sales@acme.example",
        "sales",
    )


def test_a_reused_message_id_is_a_defect_that_rules_can_see() -> None:
    other = known_message("m1@customer.example", 1042, digest="another")

    assessment = assessed(message(), known(same_id=(other,)))

    assert assessment.prepared.duplicate_of is None
    assert assessment.prepared.reading.message.defects == ("another mail has the same Message-ID",)
    assert assessment.facts.get("mail.defects") == ("another mail has the same Message-ID",)
