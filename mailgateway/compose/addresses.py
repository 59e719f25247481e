"""Which addresses can be written to, and how they stand in a header and in the envelope."""

import re

from mailgateway.errors import PermanentError
from mailgateway.model.message import Address

MAX_LOCAL = 64
"""Octets before the "@" (RFC 5321 section 4.5.3.1.1)."""
MAX_ADDRESS = 254
"""Octets of a whole address (RFC 5321 section 4.5.3.1.3, less the angle brackets)."""

# RFC 5321 section 4.1.2; beyond ASCII as RFC 6531 section 3.3 allows it.
_ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\u0080-\U0010ffff]+"
_LOCAL = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])+"')
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")


def deliverable(address: str) -> str:
    """Return the address as it can be written to, "" where it cannot.

    The domain is turned into its ASCII form (RFC 5890). A local part beyond ASCII stays as it is: such a mail needs
    a relay with SMTPUTF8 (RFC 6531). Anything with white space, controls or a second unquoted "@" gives "".
    """
    if len(address) > MAX_ADDRESS or not address.isprintable():  # no controls, overrides, surrogates, strange spaces
        return ""
    local, at, domain = address.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not (at and ascii_domain and _LOCAL.fullmatch(local)):
        return ""
    whole = f"{local}@{ascii_domain}"
    return whole if len(local.encode()) <= MAX_LOCAL and len(whole.encode()) <= MAX_ADDRESS else ""


def checked(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Return the addresses as they can be written to, each once; those that cannot are left out."""
    usable = (Address(address.name, deliverable(address.address)) for address in addresses)
    return tuple({address.key: address for address in usable if address.address}.values())


def required(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Return `checked` addresses, at least one.

    Raises:
        PermanentError: None of them can be written to; ask `deliverable` before composing.
    """
    usable = checked(addresses)
    if not usable:
        raise PermanentError("there is no address that a mail could be sent to")
    return usable


def with_detail(address: str, detail: str) -> str:
    """Return `local+detail@domain`, "" where its local part would be over MAX_LOCAL (64) octets."""
    local, _, domain = address.rpartition("@")
    detailed = f"{local}+{detail}"
    return f"{detailed}@{domain}" if len(detailed.encode()) <= MAX_LOCAL else ""


def _ascii_domain(domain: str) -> str:
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return domain if _DOMAIN.fullmatch(domain) else ""
