from datetime import date

import pytest

from mailgateway.model.decision import Known
from mailgateway.model.people import Authentication, Role, Standing
from mailgateway.model.ticket import Visibility
from mailgateway.model.tokens import ReplyToken
from mailgateway.triage.identify import Writer, general_standing, identify, standing
from tests.factories import ANNA, CUSTOMER_ADDRESS, contact, customer, known, site, ticket

PASS, NONE, FAIL = Authentication.PASS, Authentication.NONE, Authentication.FAIL
AGENT_ADDRESS = "anna@acme.example"
COLLEAGUE_ADDRESS = "colin@customer.example"
BY_ADDRESS = known(contact=contact(COLLEAGUE_ADDRESS), customer=customer(), customer_by="address")
BY_DOMAIN = known(customer=customer(), customer_by="domain")
OTHER = known(customer=customer(id="other"), customer_by="address")
ANNAS_TOKEN = ReplyToken(1042, None, "anna", Visibility.PUBLIC, date(2025, 6, 1))
BERTS_TOKEN = ReplyToken(1042, None, "bert", Visibility.PUBLIC, date(2025, 6, 1))


def role_of(sender: str, held: Known, authentication: Authentication, *tokens: ReplyToken) -> tuple[Role, bool]:
    found = standing(identify(sender, held, site(), authentication), ticket(), tokens)
    assert found.authentication is authentication
    assert found.because != ""
    return found.role, found.may_post


STRANGER = (Role.STRANGER, False)


def test_a_writer_is_who_the_store_and_the_configuration_know() -> None:
    agent, colleague, unknown = (
        identify(AGENT_ADDRESS, known(), site()),
        identify(COLLEAGUE_ADDRESS, BY_DOMAIN, site(), PASS),
        identify("x@gmail.com", known(), site()),
    )

    assert agent == Writer(AGENT_ADDRESS, NONE, ANNA, "", by_domain=True, free_mail=False)
    assert colleague == Writer(COLLEAGUE_ADDRESS, PASS, None, "customer", by_domain=True, free_mail=False)
    assert unknown == Writer("x@gmail.com", NONE, None, "", by_domain=True, free_mail=True)


@pytest.mark.parametrize("authentication", [PASS, NONE])
def test_the_requester_posts(authentication: Authentication) -> None:
    assert role_of(CUSTOMER_ADDRESS, known(), authentication) == (Role.REQUESTER, True)


@pytest.mark.parametrize("authentication", [PASS, NONE])
def test_a_participant_posts(authentication: Authentication) -> None:
    writer = identify("pia@else.example", known(), site(), authentication)

    found = standing(writer, ticket(participants=(CUSTOMER_ADDRESS, "pia@else.example")))

    assert found == Standing(
        Role.PARTICIPANT, authentication, may_post=True, because="writes from a participant's address"
    )


@pytest.mark.parametrize("authentication", [PASS, NONE])
def test_a_contact_of_the_customer_by_address_posts(authentication: Authentication) -> None:
    assert role_of(COLLEAGUE_ADDRESS, BY_ADDRESS, authentication) == (Role.COLLEAGUE, True)


@pytest.mark.parametrize(("authentication", "expected"), [(PASS, (Role.COLLEAGUE, True)), (NONE, STRANGER)])
def test_somebody_of_the_customers_domain_posts_only_with_pass(
    authentication: Authentication, expected: tuple[Role, bool]
) -> None:
    assert role_of(COLLEAGUE_ADDRESS, BY_DOMAIN, authentication) == expected


def test_a_free_mail_domain_gives_no_standing_even_with_pass() -> None:
    assert role_of("x@gmail.com", BY_DOMAIN, PASS) == STRANGER


@pytest.mark.parametrize("sender", [CUSTOMER_ADDRESS, COLLEAGUE_ADDRESS, AGENT_ADDRESS])
def test_a_failed_authentication_makes_anybody_a_stranger(sender: str) -> None:
    assert role_of(sender, BY_ADDRESS, FAIL, ANNAS_TOKEN) == STRANGER


@pytest.mark.parametrize("held", [known(), OTHER])
@pytest.mark.parametrize("sender", ["mallory@evil.example", ""])
def test_anybody_else_is_a_stranger(held: Known, sender: str) -> None:
    assert role_of(sender, held, PASS) == STRANGER


def test_a_mail_without_a_sender_is_no_requester_of_a_ticket_without_one() -> None:
    writer = identify("", known(), site(), NONE)

    assert standing(writer, ticket(requester_address="", participants=())).may_post is False


def test_a_ticket_without_customer_has_no_colleagues() -> None:
    writer = identify(COLLEAGUE_ADDRESS, known(), site(), PASS)

    assert standing(writer, ticket(customer=None)).role is Role.STRANGER


# --- agents


def test_an_agents_power_is_their_token_and_their_own_from() -> None:
    assert role_of(AGENT_ADDRESS, known(), NONE, BERTS_TOKEN, ANNAS_TOKEN) == (Role.AGENT, True)


def test_without_a_token_an_agent_needs_pass() -> None:
    assert role_of(AGENT_ADDRESS, known(), PASS) == (Role.AGENT, True)


def test_from_alone_never_makes_an_agent() -> None:
    assert role_of(AGENT_ADDRESS, known(), NONE) == STRANGER


def test_a_token_alone_never_makes_an_agent() -> None:
    assert role_of("mallory@evil.example", known(), PASS, ANNAS_TOKEN) == STRANGER


def test_another_agents_token_gives_nothing() -> None:
    assert role_of(AGENT_ADDRESS, known(), NONE, BERTS_TOKEN) == STRANGER


def test_a_customers_token_gives_a_stranger_nothing() -> None:
    token = ReplyToken(1042, 7, "", Visibility.PUBLIC, date(2025, 6, 1))

    assert role_of("mallory@evil.example", known(), PASS, token) == STRANGER


def test_the_lowest_trust_wins_where_an_agent_is_also_the_customer() -> None:
    assert role_of(AGENT_ADDRESS, BY_ADDRESS, PASS, ANNAS_TOKEN) == (Role.COLLEAGUE, True)


def test_the_lowest_trust_wins_where_an_agent_is_also_the_requester() -> None:
    writer = identify(AGENT_ADDRESS, known(), site(), PASS)

    assert standing(writer, ticket(requester_address=AGENT_ADDRESS), (ANNAS_TOKEN,)).role is Role.REQUESTER


def test_the_lowest_trust_wins_where_an_agent_is_also_another_customers_contact() -> None:
    assert role_of(AGENT_ADDRESS, OTHER, PASS, ANNAS_TOKEN) == STRANGER


@pytest.mark.parametrize(("tokens", "expected"), [((ANNAS_TOKEN,), (Role.AGENT, True)), ((), STRANGER)])
def test_a_domain_shared_with_a_customer_does_not_make_an_agent_a_customer(
    tokens: tuple[ReplyToken, ...], expected: tuple[Role, bool]
) -> None:
    assert role_of(AGENT_ADDRESS, BY_DOMAIN, NONE, *tokens) == expected


# --- who opens a ticket


@pytest.mark.parametrize(
    ("sender", "held", "authentication", "role"),
    [
        ("mallory@evil.example", known(), NONE, Role.STRANGER),
        (COLLEAGUE_ADDRESS, BY_ADDRESS, NONE, Role.REQUESTER),
        (COLLEAGUE_ADDRESS, BY_DOMAIN, PASS, Role.REQUESTER),
        (COLLEAGUE_ADDRESS, BY_DOMAIN, NONE, Role.STRANGER),
        ("x@gmail.com", BY_DOMAIN, PASS, Role.STRANGER),
        (COLLEAGUE_ADDRESS, BY_ADDRESS, FAIL, Role.STRANGER),
        (AGENT_ADDRESS, known(), PASS, Role.AGENT),
        (AGENT_ADDRESS, known(), NONE, Role.STRANGER),
        (AGENT_ADDRESS, OTHER, PASS, Role.REQUESTER),
        (AGENT_ADDRESS, BY_DOMAIN, PASS, Role.AGENT),
    ],
)
def test_anybody_may_open_a_ticket(sender: str, held: Known, authentication: Authentication, role: Role) -> None:
    found = general_standing(identify(sender, held, site(), authentication))

    assert (found.role, found.authentication, found.may_post) == (role, authentication, True)
