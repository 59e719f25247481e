"""What anybody can quote: a ticket ID in a report, and under an address that was only typed in."""

import pytest

from mailgateway.model.decision import Keys, Known
from mailgateway.model.message import Address, Classification, MessageKind, Relay, Through
from mailgateway.model.people import Role
from mailgateway.model.ticket import Visibility
from mailgateway.triage.thread import thread
from tests.factories import CUSTOMER_ADDRESS, PERSON, keys, known, known_message, message, report, site, ticket

BY_RECEIVED_ID = (
    keys(message_ids=("m0@customer.example",)),
    known(referred=(known_message("m0@customer.example", 1042),), tickets=(ticket(),)),
)
BY_REF = (keys(refs=("SUP-1042-QX",)), known(refs=(("SUP-1042-QX", 1042),), tickets=(ticket(),)))


# --- reports that know no more than the ticket ID


@pytest.mark.parametrize(
    ("kind", "recipient", "is_found"),
    [
        (MessageKind.BOUNCE, CUSTOMER_ADDRESS.upper(), True),
        (MessageKind.FEEDBACK, CUSTOMER_ADDRESS, True),
        (MessageKind.BOUNCE, "mallory@evil.example", False),
        (MessageKind.BOUNCE, "", False),
        (MessageKind.PERSON, CUSTOMER_ADDRESS, False),
    ],
)
def test_a_report_with_a_ticket_id_is_kept_on_the_ticket_where_it_names_one_of_its_people(
    kind: MessageKind, recipient: str, *, is_found: bool
) -> None:
    mail = message(sender="mailer-daemon@mx.example", reports=(report(recipient),))
    looked_up, held = BY_REF

    place = thread(mail, Classification(kind, "proof", "proof"), looked_up, held, site())

    assert (place.ticket == ticket()) is is_found
    assert (place.visibility, place.verified) == ((Visibility.INSIDE, False) if is_found else (Visibility.PUBLIC, True))


# --- addresses that were only typed


@pytest.mark.parametrize("way", [BY_RECEIVED_ID, BY_REF])
def test_a_typed_address_gives_no_standing(way: tuple[Keys, Known]) -> None:
    relay = Relay(Through.FORM, Address("", "web@acme.example"))
    looked_up, held = way

    place = thread(message(relay=relay), PERSON, looked_up, held, site())

    assert place.ticket is None
    assert (place.standing.role, place.standing.because) == (
        Role.STRANGER,
        "typed the address into a form or chat: it may be anybody's",
    )
