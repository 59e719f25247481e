"""The tables as values, however they were made."""

import pytest
from pydantic import ValidationError

from mailgateway.config import AgentConfig, Config, ImapAccess, MailboxConfig, SmtpAccess
from mailgateway.model.people import Agent

IMAP = ImapAccess(host="imap", user="u")
SMTP = SmtpAccess(host="smtp")
ONE = MailboxConfig(name="one", address="One@x.example", aliases=("Help@x.example",), imap=IMAP)
TWO = MailboxConfig(name="two", address="two@x.example", imap=IMAP)
ANNA = AgentConfig(id="anna", name="Anna", addresses=("Anna@x.example",))


def test_own_addresses_are_those_of_all_mailboxes_in_lower_case() -> None:
    config = Config(mailbox=(ONE, TWO), smtp=SMTP)

    assert config.own_addresses == {"one@x.example", "help@x.example", "two@x.example"}


def test_agents_are_those_of_the_core() -> None:
    config = Config(mailbox=(ONE, TWO), smtp=SMTP, agent=(ANNA,))

    assert config.agents == (Agent("anna", "Anna", ("anna@x.example",), ("support",)),)


@pytest.mark.parametrize("mailboxes", [(ONE, ONE), (ONE, TWO.model_copy(update={"address": "ONE@x.example"}))])
def test_models_refuse_names_used_twice_too(mailboxes: tuple[MailboxConfig, ...]) -> None:
    with pytest.raises(ValidationError, match="is used twice"):
        Config(mailbox=mailboxes, smtp=SMTP)


def test_models_refuse_two_sources_of_a_password_too() -> None:
    with pytest.raises(ValidationError, match="not both"):
        SmtpAccess(host="smtp", password_env="A", password_file="b")


def test_values_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SMTP.host = "other"  # type: ignore[misc] -- that is the point
