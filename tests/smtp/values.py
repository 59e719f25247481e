"""Values that the SMTP tests share."""

from collections.abc import Callable

from mailgateway.adapters.smtp import SmtpRelay
from mailgateway.model.ledger import RecipientResult

RAW = b"From: s@example.test\r\nTo: a@example.test\r\nSubject: hello\r\n\r\nwords\r\n"
RelayTo = Callable[..., SmtpRelay]
A, B, C = "a@example.test", "b@example.test", "c@example.test"


def codes(results: tuple[RecipientResult, ...]) -> list[int]:
    return [result.code for result in results]


def ehlo(*features: bytes) -> bytes:
    return b"".join(b"250-" + feature + b"\r\n" for feature in (b"x.test", *features)) + b"250 HELP\r\n"
