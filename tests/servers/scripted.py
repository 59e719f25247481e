"""A server that says what a test tells it to, and keeps what it was told: for what no real server does."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.certificates import Certificates
from tests.servers.parts import HOST, PATIENCE_S

Answers = Mapping[str, bytes | Sequence[bytes]]


class Talk:
    """One connection, from the server's side."""

    def __init__(
        self, peer: socket.socket, received: bytearray, tls: ssl.SSLContext | None = None, tls_after: bytes = b""
    ) -> None:
        self._peer = peer
        self._file = peer.makefile("rb")
        self._received = received
        self._tls = tls
        self._tls_after = tls_after
        self._last = b""

    def say(self, octets: bytes) -> None:
        """Send octets; go over to TLS where they answer the line that asks for it."""
        self._peer.sendall(octets)
        if self._tls and self._last.endswith(self._tls_after):
            self.secure(self._tls)
            self._last = b""

    def secure(self, tls: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._file.close()
        self._peer = tls.wrap_socket(self._peer, server_side=True)
        self._file = self._peer.makefile("rb")

    def end(self) -> None:
        """Make the other side and ourselves find the connection ended, from another thread."""
        with suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)

    def line(self) -> bytes:
        """Return the client's next line without its end.

        Raises:
            EOFError: The client went away.
        """
        line = self._file.readline()
        if not line:
            raise EOFError
        self._received += line
        self._last = line.rstrip(b"\r\n")
        return self._last

    def close(self) -> None:
        """Hang up."""
        self.end()
        self._file.close()
        self._peer.close()


class Scripted:
    """Plays the script on each connection, one after the other. A context manager; `port` is where clients go.

    Args:
        script: What to say.
        tls: Speak TLS: from the first byte, or after the answer to a line that ends with `tls_after`.
        tls_after: Such as STARTTLS.
        host: The address to listen on.
    """

    def __init__(
        self,
        script: Callable[[Talk], None],
        tls: ssl.SSLContext | None = None,
        tls_after: bytes = b"",
        host: str = HOST,
    ) -> None:
        self._script = script
        self._tls = tls
        self._tls_after = tls_after
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._received = bytearray()
        self.connections = 0
        self._talk: Talk | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def received(self) -> bytes:
        """Everything clients sent so far, on all connections."""
        return bytes(self._received)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        if self._talk:
            self._talk.end()
        self._thread.join(PATIENCE_S)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self.connections += 1
                self._play(peer)

    def _play(self, peer: socket.socket) -> None:
        self._talk = Talk(peer, self._received, self._tls if self._tls_after else None, self._tls_after)
        with suppress(OSError, EOFError):
            if self._tls and not self._tls_after:
                self._talk.secure(self._tls)
            self._script(self._talk)
        self._talk.close()


def server_tls(certificates: Certificates) -> ssl.SSLContext:
    """Return TLS as a server with these certificates speaks it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate_file, certificates.key_file)
    return context


def other_address() -> str:
    """Return an address of this machine that is not the loopback one, "" where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address of nobody
        except OSError:
            return ""
        return str(probe.getsockname()[0])


class _Answers:
    """What to say to each command: always the same, or one after the other and then the usual."""

    def __init__(self, answers: Answers, usual: bytes) -> None:
        self._answers = {
            name: [answer] if isinstance(answer, bytes) else list(answer) for name, answer in answers.items()
        }
        self._always = {name for name, answer in answers.items() if isinstance(answer, bytes)}
        self._usual = usual

    def to(self, command: str) -> bytes:
        waiting = self._answers.get(command)
        if not waiting:
            return self._usual
        return waiting[0] if command in self._always else waiting.pop(0)


def imap_script(answers: Answers, greeting: bytes = b"* OK ready\r\n") -> Callable[[Talk], None]:
    """Return the script of an IMAP server.

    Args:
        answers: Command in upper case (`UID FETCH`, `SELECT`) to all it says, or to several such answers, one for each
            time over all connections; `%t` stands for the tag. The usual answer is OK. After an answer without a tag
            that asks for nothing (`+`) the connection is cut.
        greeting: The first line.
    """
    known = _Answers({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%t OK done\r\n", **answers}, b"%t OK done\r\n")

    def script(talk: Talk) -> None:
        talk.say(greeting)
        last_tag = b""
        while True:
            tag, _, rest = talk.line().partition(b" ")
            answer = known.to(_imap_command(rest) or tag.decode("latin-1").upper())
            last_tag = tag if rest else last_tag  # DONE and literals come without a tag of their own
            talk.say(answer.replace(b"%t", last_tag))
            if b"%t" not in answer and b"+" not in answer:
                return

    return script


def _imap_command(line: bytes) -> str:
    found = re.match(rb"(UID )?[A-Z]+", line.upper())
    return found[0].decode() if found else ""


def smtp_script(answers: Answers, greeting: bytes = b"220 ready\r\n") -> Callable[[Talk], None]:
    """Return the script of an SMTP server.

    Args:
        answers: Command in upper case (`MAIL`; `.` for the end of the data) to its reply, or to several, one for each
            time over all connections. The usual reply is 250, that to DATA is 354. After an empty one the connection
            is cut.
        greeting: The first line.
    """
    known = _Answers({"DATA": b"354 go ahead\r\n", **answers}, b"250 ok\r\n")

    def script(talk: Talk) -> None:
        talk.say(greeting)
        reply = greeting
        while reply and greeting.startswith(b"220"):
            reply = known.to(talk.line().split(b" ")[0].upper().decode("latin-1"))
            talk.say(reply)
            if reply.startswith(b"354"):
                while talk.line() != b".":
                    pass
                reply = known.to(".")
                talk.say(reply)

    return script
