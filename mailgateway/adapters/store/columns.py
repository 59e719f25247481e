"""Column types, and how a text from outside becomes one that an index can hold."""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number of 64 bits; on SQLite INTEGER, the only type that makes a primary key the row's address."""

INDEXED_OCTETS = 1000
"""A longer text is indexed by its beginning and its sum: PostgreSQL refuses index entries over 2,704 octets."""


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment: aware going in, aware and UTC coming out, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as the driver wants it.

        Raises:
            ValueError: The moment is naive: nobody can say when that was.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def indexable(text: str) -> str:
    """Return a text from a mail as it is stored in an indexed column: itself up to INDEXED_OCTETS.

    A longer one (no real Message-ID or address is, RFC 5321 section 4.5.3.1) becomes its first 200 characters, "#"
    and its SHA-256, so that equal texts stay equal.
    """
    octets = text.encode(errors="surrogatepass")
    if len(octets) <= INDEXED_OCTETS:
        return text
    return f"{text[:200]}#{hashlib.sha256(octets).hexdigest()}"


def domain_of(address: str) -> str:
    """Return what stands behind an address's last "@", "" where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""


def printable(text: str) -> str:
    """Return a text of unknown origin (a traceback, a server's answer) as every database takes it.

    NUL becomes U+FFFD and lone surrogates their escapes.
    """
    return text.replace("\0", "\ufffd").encode(errors="backslashreplace").decode()
