"""Customers, their contacts, our agents, and what somebody who writes may do."""

from dataclasses import dataclass
from enum import StrEnum

from mailgateway.model.message import Address


@dataclass(frozen=True, slots=True)
class Customer:
    """The organisation, or single person, that has a contract.

    Attributes:
        id: Stable short name chosen by the admin, unique.
        name: As people write it.
        plan: The contract's plan, "" where there is none.
        domains: Mail domains in lower case whose people belong to the customer.
        language: BCP 47 tag, "" for the site's default.
        time_zone: IANA name or offset, "" for the site's.
    """

    id: str
    name: str
    plan: str = ""
    domains: tuple[str, ...] = ()
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who writes to us.

    Attributes:
        id: The store's number.
        name: Display name, "" where unknown.
        address: In lower case, unique.
        customer: The customer's id, None for somebody nobody has put under a customer.
        undeliverable: Why mail to the address fails, "" where it does not (a permanent bounce).
    """

    id: int
    name: str
    address: str
    customer: str | None
    undeliverable: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """One of us who answers.

    Attributes:
        id: Stable short name from the configuration.
        name: As customers see it.
        addresses: In lower case, the first is written to.
        roles: Such as support, sales, manager.
    """

    id: str
    name: str
    addresses: tuple[str, ...]
    roles: tuple[str, ...] = ("support",)

    @property
    def mailbox(self) -> Address:
        """Where this agent's notifications go."""
        return Address(self.name, self.addresses[0])


class Authentication(StrEnum):
    """What our own mail server said of the sender's address (design.md section 5)."""

    PASS = "pass"  # noqa: S105 -- a verdict of RFC 8601, no password
    NONE = "none"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """What our own mail server found out about the sender of one mail (RFC 8601).

    Attributes:
        verdict: How far From can be believed.
        authserv_id: The id of the server that says so, in lower case, "" where none that we trust says anything.
        spf: The result such as `pass`, in lower case, "" where there is none.
        dkim: Likewise, of the signature that fits From where there are several.
        dmarc: Likewise.
        arc: Likewise.
        because: What decided, "" where nothing did.
    """

    verdict: Authentication
    authserv_id: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    arc: str = ""
    because: str = ""


class Role(StrEnum):
    """What a sender is to a ticket."""

    AGENT = "agent"
    REQUESTER = "requester"
    PARTICIPANT = "participant"
    COLLEAGUE = "colleague"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sender may do on one ticket, and why.

    Attributes:
        role: What the sender is to the ticket.
        authentication: How far From can be believed.
        may_post: Whether the sender's words count as words on the ticket.
        because: The reason in words.
    """

    role: Role
    authentication: Authentication
    may_post: bool
    because: str
