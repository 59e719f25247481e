"""The octets of an IMAP connection: a socket with deadlines and limits under imaplib's reader of responses."""

import imaplib
import re
import socket
import ssl
import time

MAX_LINE_BYTES = 16 * 1024 * 1024
"""A longer line ends the connection; a SEARCH of a million UIDs is half of it."""
MAX_LITERAL_BYTES = 256 * 1024 * 1024
"""A larger literal ends the connection before it is read: large mails are asked for in ranges."""
_CHUNK_BYTES = 256 * 1024
_NEWS = re.compile(rb"\* \d+ (EXISTS|RECENT)\b", re.IGNORECASE)


class Wire(imaplib.IMAP4):
    """imaplib's protocol on a reader of our own.

    imaplib reads through a buffered file, which cannot be waited on: a line that came together with another one
    stays unseen in its buffer, and a read that timed out breaks it for good. IDLE needs both, so the buffer is here.
    It belongs to one socket: what came in clear text is never taken for something said under TLS.
    """

    def __init__(self, host: str, port: int, timeout_s: float, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._buffer = bytearray()
        self._buffer_of: socket.socket | None = None
        super().__init__(host, port, timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._context is None:
            return plain
        return self._context.wrap_socket(plain, server_hostname=self.host)

    def _received(self) -> bytearray:
        if self._buffer_of is not self.sock:
            if self._buffer:  # RFC 3501 section 6.2.1: what came before TLS is not to be believed
                raise self.abort("the server sent clear text after STARTTLS")
            self._buffer_of = self.sock
        return self._buffer

    def _fill(self) -> None:
        chunk = self.sock.recv(_CHUNK_BYTES)
        if not chunk:
            raise self.abort("the server closed the connection")
        self._buffer += chunk

    def read(self, size: int) -> bytes:
        """Return exactly `size` octets; imaplib calls it for a literal.

        Raises:
            IMAP4.abort: The connection ended before, or the literal is over MAX_LITERAL_BYTES.
        """
        buffer = self._received()
        if size > MAX_LITERAL_BYTES:
            raise self.abort(f"the server announced {size} bytes at once")
        while len(buffer) < size:
            self._fill()
        return self._take(size)

    def readline(self) -> bytes:
        """Return the next line with its end.

        Raises:
            IMAP4.abort: The connection ended before, or the line is over MAX_LINE_BYTES.
        """
        buffer = self._received()
        searched = 0
        while (end := buffer.find(b"\n", searched)) < 0:
            searched = len(buffer)
            if searched > MAX_LINE_BYTES:
                raise self.abort(f"the server sent a line of over {MAX_LINE_BYTES} bytes")
            self._fill()
        return self._take(end + 1)

    def _take(self, size: int) -> bytes:
        if size == len(self._buffer):
            taken = bytes(self._buffer)
            self._buffer.clear()
            return taken
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
        del self._buffer[:size]
        return taken

    # --- IDLE (RFC 2177) -----------------------------------------------------------------------------------

    @property
    def has_news(self) -> bool:
        """Whether the server reported a number of mails since `forget_news`."""
        return "EXISTS" in self.untagged_responses

    def forget_news(self) -> None:
        """Begin to count reports anew: the caller is about to look."""
        self.untagged_responses.pop("EXISTS", None)

    def begin_idle(self) -> bytes:
        """Send IDLE and return its tag once the server waits with us.

        Raises:
            IMAP4.error: The server refuses.
        """
        tag: bytes = self._command("IDLE")
        while self._get_response() is not None:  # None is the continuation "+"; reports may come before it
            if self.tagged_commands[tag] is not None:
                raise self.error(f"IDLE is refused: {self.tagged_commands[tag]}")
        return tag

    def reported_within(self, timeout_s: float) -> bool:
        """Return whether a mail is reported within about `timeout_s` while idling; other reports are passed over.

        Raises:
            IMAP4.abort: The connection ended, or the server ended the IDLE by itself.
        """
        ends_at = time.monotonic() + timeout_s
        while (left := ends_at - time.monotonic()) > 0:
            line = self._line_within(left)
            if line is None:
                return False
            if not line.startswith(b"* ") or line.upper().startswith(b"* BYE"):
                raise self.abort(f"the server ended IDLE: {line[:200]!r}")
            if _NEWS.match(line):
                return True
        return False

    def end_idle(self, tag: bytes) -> None:
        """Send DONE and read what the server still has to say.

        Raises:
            IMAP4.error: It does not end well.
        """
        self.send(b"DONE\r\n")
        kind, lines = self._command_complete("IDLE", tag)
        if kind != "OK":
            raise self.error(f"IDLE failed: {lines}")

    def _line_within(self, timeout_s: float) -> bytes | None:
        buffer = self._received()
        usual = self.sock.gettimeout()
        self.sock.settimeout(timeout_s)
        try:
            while b"\n" not in buffer:
                self._fill()
        except TimeoutError:
            return None
        finally:
            self.sock.settimeout(usual)
        return self.readline().rstrip(b"\r\n")
