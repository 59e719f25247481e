"""Who writes, and what that allows on a ticket (design.md section 5). From alone proves nothing about an agent."""

from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.model.decision import Known
from mailgateway.model.people import Agent, Authentication, Role, Standing
from mailgateway.model.site import Site
from mailgateway.model.ticket import Ticket
from mailgateway.model.tokens import ReplyToken

_TYPED = "typed the address into a form or chat: it may be anybody's"


@dataclass(frozen=True, slots=True)
class Writer:
    """The author of a message, before any ticket is looked at.

    Attributes:
        address: In lower case, "" where the mail names nobody.
        authentication: How far From can be believed.
        agent: The agent with that address, None where it is nobody's.
        customer: The id of the customer the address belongs to, "" for somebody unknown.
        by_domain: Whether only the domain says so.
        free_mail: Whether anybody gets an address in that domain.
        is_typed: Whether the address was only typed into a form or a chat: it proves nothing.
    """

    address: str
    authentication: Authentication
    agent: Agent | None
    customer: str
    by_domain: bool
    free_mail: bool
    is_typed: bool = False


def identify(sender: str, known: Known, site: Site, authentication: Authentication = Authentication.NONE) -> Writer:
    """Return who writes from an address.

    Args:
        sender: The author's address in lower case, "" where there is none.
        known: What the store holds about it.
        site: The site, with its agents.
        authentication: What our own mail server said of From.
    """
    return Writer(
        address=sender,
        authentication=authentication,
        agent=site.agent_with(sender),
        customer=known.customer.id if known.customer else "",
        by_domain=known.customer_by != "address",
        free_mail=sender.rpartition("@")[2] in site.free_mail_domains,
    )


def standing(writer: Writer, ticket: Ticket, tokens: tuple[ReplyToken, ...] = ()) -> Standing:
    """Return what a writer may do on a ticket, and why.

    A failed authentication makes anybody a stranger. Then the lowest trust counts: an agent whose address is also a
    customer's has a customer's standing on that customer's tickets and none on others.

    Args:
        writer: Who writes.
        ticket: The ticket, merges followed.
        tokens: The reply tokens that brought the mail to this very ticket.
    """
    if writer.authentication is Authentication.FAIL:
        return _stranger(writer, "From is forged: dmarc=fail")
    if writer.is_typed:
        return _stranger(writer, _TYPED)
    for role, holds in _RELATIONS:
        because = holds(writer, ticket)
        if because:
            return Standing(role, writer.authentication, may_post=True, because=because)
    if writer.agent is None:
        return _stranger(writer, "has nothing to do with the ticket")
    if writer.customer and not writer.by_domain:
        return _stranger(writer, "is an agent and another customer's contact: the lower trust counts")
    return _agent_standing(writer, writer.agent, tokens)


def general_standing(writer: Writer) -> Standing:
    """Return the standing of somebody who opens a ticket of their own: anybody may."""
    if writer.authentication is Authentication.FAIL:
        role, because = Role.STRANGER, "From is forged: dmarc=fail"
    elif writer.is_typed:
        role, because = Role.STRANGER, _TYPED
    elif _is_believed_agent(writer):
        role, because = Role.AGENT, "an agent's address, authenticated"
    elif _is_believed_customer(writer):
        role, because = Role.REQUESTER, f"belongs to the customer {writer.customer}"
    else:
        role, because = Role.STRANGER, "is not known"
    return Standing(role, writer.authentication, may_post=True, because=because)


def _stranger(writer: Writer, because: str) -> Standing:
    return Standing(Role.STRANGER, writer.authentication, may_post=False, because=because)


def _agent_standing(writer: Writer, agent: Agent, tokens: tuple[ReplyToken, ...]) -> Standing:
    """Return an agent's standing: the token of this agent and an own From, or an own From that is authenticated."""
    if any(token.agent == agent.id for token in tokens):
        because = "the agent's own address and token"
    elif writer.authentication is Authentication.PASS:
        because = "the agent's own address, authenticated"
    else:
        return _stranger(writer, "an agent's address without a token and without authentication")
    return Standing(Role.AGENT, writer.authentication, may_post=True, because=because)


def _is_believed_agent(writer: Writer) -> bool:
    is_customer = bool(writer.customer) and not writer.by_domain
    return writer.agent is not None and writer.authentication is Authentication.PASS and not is_customer


def _is_believed_customer(writer: Writer) -> bool:
    return bool(writer.customer) and (not writer.by_domain or _is_believed_domain(writer))


def _is_believed_domain(writer: Writer) -> bool:
    return writer.authentication is Authentication.PASS and not writer.free_mail


# --- what ties a writer to a ticket ----------------------------------------------------------------------------


def _is_requester(writer: Writer, ticket: Ticket) -> str:
    return (
        "writes from the requester's address" if writer.address and writer.address == ticket.requester_address else ""
    )


def _is_participant(writer: Writer, ticket: Ticket) -> str:
    return "writes from a participant's address" if writer.address in ticket.participants else ""


def _is_contact_of_the_customer(writer: Writer, ticket: Ticket) -> str:
    is_contact = bool(writer.customer) and writer.customer == ticket.customer and not writer.by_domain
    return "is a contact of the ticket's customer" if is_contact else ""


def _is_in_the_domain_of_the_customer(writer: Writer, ticket: Ticket) -> str:
    # Agents are listed by their addresses, which says more than a domain they share with a customer.
    shares_domain = bool(writer.customer) and writer.customer == ticket.customer and writer.agent is None
    is_colleague = shares_domain and _is_believed_domain(writer)
    return "writes, authenticated, from the domain of the ticket's customer" if is_colleague else ""


_RELATIONS: tuple[tuple[Role, Callable[[Writer, Ticket], str]], ...] = (
    (Role.REQUESTER, _is_requester),
    (Role.PARTICIPANT, _is_participant),
    (Role.COLLEAGUE, _is_contact_of_the_customer),
    (Role.COLLEAGUE, _is_in_the_domain_of_the_customer),
)
"""What gives a customer's people standing on a ticket, in the order in which it is said."""
