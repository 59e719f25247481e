"""One mail's talk with a relay, and what it means for each recipient."""

from collections.abc import Iterator
from enum import Enum, auto

from mailgateway.adapters.smtp.connection import Connection, LostError
from mailgateway.adapters.smtp.envelope import GO_AHEAD, SERVICE_CLOSING, Envelope, Reply

_GROUP = 50
"""Commands written at once with PIPELINING: far below what fills a socket (RFC 2920 section 3.1)."""


class Stage(Enum):
    """A command, or the end of the octets."""

    RESET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    END = auto()


class Dialogue:
    """What a relay said of one mail so far."""

    def __init__(self) -> None:
        self._replies: dict[Stage, list[Reply]] = {stage: [] for stage in Stage}
        self.lost = ""
        """Why the connection ended; "" while it lives."""

    def offer(self, connection: Connection, envelope: Envelope, *, reset: bool) -> None:
        """Send what comes before the octets: in one write where the relay takes that (RFC 2920).

        Args:
            connection: Open.
            envelope: With one recipient at least.
            reset: Whether to end a former mail first, on a connection that was kept.

        Raises:
            LostError: The connection ended.
        """
        commands = list(_commands(envelope, reset=reset))
        size = _GROUP if "pipelining" in connection.features else 1
        for start in range(0, len(commands), size):
            group = [(stage, line) for stage, line in commands[start : start + size] if size > 1 or self._helps(stage)]
            connection.write(b"".join(line + b"\r\n" for _, line in group))
            for stage, _ in group:
                self._note(stage, connection.reply())

    def finish(self, connection: Connection, octets: bytes, at_least_s: float) -> None:
        """Send the octets once the relay told us to go ahead, and take its answer.

        Where it goes ahead with no recipient at all (it had DATA before it refused them), an empty mail follows, which
        it must refuse or forget (RFC 2920 section 3.1).

        Raises:
            LostError: The connection ended.
        """
        if (reply := self._first(Stage.DATA)) is None or reply.code != GO_AHEAD:
            return
        try:
            connection.write(octets if self._has_recipient else b".\r\n")
        except LostError as error:
            self.lost = str(error)  # it may have said why, before it hung up: too large, too slow
        with connection.patience(at_least_s):
            self._note(Stage.END, connection.reply())

    def about(self, number: int) -> Reply:
        """Return what counts for the recipient of that number: the first refusal on the way, else the last answer.

        Code 0 where the connection ended before anything was decided.
        """
        recipients = self._replies[Stage.RCPT]
        on_the_way = (
            self._first(Stage.MAIL),
            recipients[number] if number < len(recipients) else None,
            self._first(Stage.DATA),
        )
        for reply in on_the_way:
            if reply is not None and not reply.is_good and reply.code != GO_AHEAD:
                return reply
        return self._first(Stage.END) or Reply(0, self.lost or "the connection was lost")

    @property
    def is_unheard(self) -> bool:
        """Whether the relay went away before it began on this mail."""
        reply = self._first(Stage.MAIL)
        return reply is None or reply.code == SERVICE_CLOSING

    @property
    def is_unanswered(self) -> bool:
        """Whether the connection was lost before the relay said anything of this mail."""
        return bool(self.lost) and self._first(Stage.MAIL) is None

    @property
    def _has_recipient(self) -> bool:
        return any(reply.is_good for reply in self._replies[Stage.RCPT])

    def _first(self, stage: Stage) -> Reply | None:
        return next(iter(self._replies[stage]), None)

    def _helps(self, stage: Stage) -> bool:
        """Return whether a command is still of use after what was answered."""
        mail = self._first(Stage.MAIL)
        if mail is not None and not mail.is_good:
            return False
        return stage is not Stage.DATA or self._has_recipient

    def _note(self, stage: Stage, reply: Reply) -> None:
        if reply.code // 100 not in {3 if stage is Stage.DATA else 2, 4, 5}:
            raise LostError(f"the server answered {reply.code} to {stage.name}")
        self._replies[stage].append(reply)
        if reply.code == SERVICE_CLOSING:  # RFC 5321 section 3.8: whatever else it says is not to be relied on
            raise LostError(f"the server ends the connection: {reply.text}")


def _commands(envelope: Envelope, *, reset: bool) -> Iterator[tuple[Stage, bytes]]:
    if reset:
        yield Stage.RESET, b"RSET"
    yield Stage.MAIL, envelope.mail
    for _, line in envelope.recipients:
        yield Stage.RCPT, line
    yield Stage.DATA, b"DATA"
