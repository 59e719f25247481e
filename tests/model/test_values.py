import pytest

from mailgateway.model.decision import Facts
from mailgateway.model.ledger import RecipientResult
from mailgateway.model.message import Address
from tests.factories import ANNA, message


def test_an_agents_mailbox_is_their_first_address() -> None:
    assert ANNA.mailbox == Address("Anna Agent", "anna@acme.example")


def test_an_address_is_compared_in_lower_case() -> None:
    address = Address("Carla", "Carla@Customer.example")

    assert (address.key, address.domain, Address("", "carla").domain) == (
        "carla@customer.example",
        "customer.example",
        "",
    )


def test_a_doubled_header_gives_the_first() -> None:
    mail = message(("x-test", "1"), ("x-test", "2"))

    assert (mail.header("x-test"), mail.header("x-absent")) == ("1", None)


def test_a_fact_that_nobody_recorded_is_unknown() -> None:
    seen = Facts((("mail.kind", "person"),))

    assert (seen.get("mail.kind"), seen.get("mail.colour")) == ("person", None)


@pytest.mark.parametrize(
    ("code", "accepted", "refused", "undecided"),
    [(250, True, False, False), (450, False, False, True), (550, False, True, False), (0, False, False, True)],
)
def test_a_relays_reply_code_accepts_refuses_or_leaves_open(
    code: int, *, accepted: bool, refused: bool, undecided: bool
) -> None:
    result = RecipientResult("carla@customer.example", code, "")

    assert (result.is_accepted, result.is_refused, result.is_undecided) == (accepted, refused, undecided)
