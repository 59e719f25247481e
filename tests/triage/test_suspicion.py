import pytest

from mailgateway.model.message import Address
from mailgateway.triage.suspicion import suspicions
from tests.factories import SUPPORT, message, site

ERIKA = "erika@client.example"


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("Erika Lang", ERIKA, ()),
        (f"Acme ({SUPPORT})", ERIKA, (f"the name in From shows an address of ours: {SUPPORT}",)),
        (
            "support+b1.x@acme.example",
            ERIKA,
            ("the name in From shows an address of ours: support+b1.x@acme.example",),
        ),
        ("Anna@ACME.example", ERIKA, ("the name in From shows an agent's address: anna@acme.example",)),
        ("anna\uff20acme.example", ERIKA, ("the name in From shows an agent's address: anna@acme.example",)),
        ("anna@home.example", "anna@acme.example", ()),
        ("boss@bank.example", ERIKA, ()),
        (ERIKA, ERIKA, ()),
    ],
)
def test_a_name_that_shows_one_of_us_is_suspicious(name: str, address: str, expected: tuple[str, ...]) -> None:
    mail = message(authors=(Address(name, address),))

    assert suspicions(mail, site()) == expected


def test_what_the_parsers_doubted_is_kept_and_a_mail_without_from_is_looked_at_by_its_sender() -> None:
    mail = message(suspicious=("From names several addresses: a@x, b@x",))

    assert suspicions(mail, site()) == ("From names several addresses: a@x, b@x",)
