from dataclasses import replace

from mailgateway.config import Config, site_of
from mailgateway.model.people import Agent
from mailgateway.model.site import FREE_MAIL_DOMAINS, Site, own_suffix
from tests.factories import ANNA, KEYRING, site

CONFIG = Config.model_validate(
    {
        "site": {"name": "Acme", "host": "acme.example", "ticket_prefix": "ACM"},
        "mailbox": [
            {
                "name": "support",
                "address": "Support@acme.example",
                "aliases": ["help@acme.example"],
                "imap": {"host": "h"},
            },
            {"name": "sales", "address": "sales@acme.example", "display_name": "Sales", "imap": {"host": "h"}},
        ],
        "smtp": {"host": "h", "null_sender": False},
        "agent": [{"id": "anna", "name": "Anna", "addresses": ["Anna@acme.example"]}],
    }
)
OWN = frozenset({"support@acme.example", "help@acme.example", "sales@acme.example"})


def test_the_site_is_made_of_the_configuration_for_each_mailbox() -> None:
    made = [site_of(CONFIG, mailbox, KEYRING) for mailbox in CONFIG.mailbox]

    agents = (Agent("anna", "Anna", ("anna@acme.example",)),)
    support = Site(
        mailbox="support",
        address="Support@acme.example",
        display_name="Acme",
        plus_addressing=False,
        host="acme.example",
        prefix="ACM",
        keyring=KEYRING,
        own_addresses=OWN,
        agents=agents,
        null_sender=False,
    )
    assert made == [support, replace(support, mailbox="sales", address="sales@acme.example", display_name="Sales")]


def test_an_agent_is_found_by_any_of_their_addresses() -> None:
    found = [site().agent_with(address) for address in ("anna@home.example", "nobody@acme.example", "")]

    assert found == [ANNA, None, None]


def test_a_plus_address_of_any_mailbox_is_ours() -> None:
    suffixes = [own_suffix(to, OWN) for to in ("sales+X@acme.example", "HELP@acme.example", "x@acme.example")]

    assert suffixes == ["x", "", None]


def test_free_mail_domains_are_in_lower_case_and_have_a_dot() -> None:
    assert all(domain == domain.lower() and "." in domain for domain in FREE_MAIL_DOMAINS)
    assert {"gmail.com", "gmx.de", "outlook.com"} <= FREE_MAIL_DOMAINS
