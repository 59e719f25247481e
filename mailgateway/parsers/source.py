"""A stream of bytes that can be read by header lines and by bodies between boundaries, with bounded memory."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailgateway.parsers.limits import KIB

_PIECE = 64 * KIB
_LINE = 64 * KIB
_BOUNDARY_LINE = 8 * KIB
_HELD_BACK = 4  # "\r\n--" may be cut between two pieces


@dataclass(frozen=True, slots=True)
class Stop:
    """A boundary line that ended a body.

    Attributes:
        level: Which boundary of those given, counted from 0.
        closes: Whether it is the last one of its multipart.
        line: The line end before it and the line itself.
    """

    level: int
    closes: bool
    line: bytes


class Source:
    """The mail while it is scanned. At most 64 KiB and one piece are held."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = _pieces(chunks)
        self._buffer = b""
        self._at = 0
        self._seen = hashlib.sha256()
        self._ended = False
        self.stop: Stop | None = None

    def digest(self) -> str:
        """Return the SHA-256 in hex over everything read so far."""
        return self._seen.hexdigest()

    def skip(self, leading: Callable[[bytes], int]) -> bool:
        """Pass over what `leading` says stands before the mail's header; return whether there was anything."""
        while len(self._buffer) < _LINE and self._fill():
            pass
        count = leading(self._buffer)
        self.take(count)
        return count > 0

    def line(self, boundaries: Sequence[bytes]) -> bytes:
        """Return the next line without taking it, at most 64 KiB of it; b"" at the end or before a boundary."""
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            if len(self._buffer) - self._at >= _LINE or not self._fill():
                break
        stop = self._at + _LINE if end < 0 else min(end + 1, self._at + _LINE)
        line = self._buffer[self._at : stop]
        return b"" if boundaries and line.startswith(b"--") and _known(boundaries, line, b"") else line

    def take(self, count: int) -> None:
        """Take so many bytes of what was looked at."""
        self._at += count

    def skip_line(self) -> bool:
        """Pass over the rest of a line; return whether there was any before the end."""
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            self._at = len(self._buffer)
            if not self._fill():
                return True
        self._at = end + 1
        return True

    def body(self, boundaries: Sequence[bytes]) -> Iterator[bytes]:
        """Yield what stands before the next boundary line, or the end; then `stop` says which it was.

        The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
        """
        self.stop = None
        if boundaries and self._stops_here(boundaries):
            return
        ended, stop = False, None
        while stop is None and not ended:
            ended = self._ended  # One more look once nothing can follow
            end, stop = self._sure_end(boundaries)
            if end > self._at:
                yield self._cut(end)
            if stop is not None:
                self.take(len(stop.line))
                self.stop = stop
            elif not ended:
                self._fill()
        if stop is None and self._at < len(self._buffer):
            yield self._cut(len(self._buffer))

    def _stops_here(self, boundaries: Sequence[bytes]) -> bool:
        """Take the next line where it is a boundary: no line end stands before it."""
        line = self.line(())
        self.stop = _known(boundaries, line, b"") if line.startswith(b"--") else None
        self.take(len(line) if self.stop else 0)
        return self.stop is not None

    def _sure_end(self, boundaries: Sequence[bytes]) -> tuple[int, Stop | None]:
        """Return where the part of the body that is at hand ends for sure, and the boundary that follows there."""
        found = self._buffer.find(b"\n--", self._at) if boundaries else -1
        while found >= 0:
            incomplete = self._is_incomplete(found)
            stop = None if incomplete else self._stop_at(found, boundaries)
            if incomplete or stop is not None:
                return found - self._before(found), stop
            found = self._buffer.find(b"\n--", found + 1)
        return max(self._at, len(self._buffer) - _HELD_BACK), None

    def _cut(self, end: int) -> bytes:
        piece = self._buffer[self._at : end]
        self._at = end
        return piece

    def _before(self, found: int) -> int:
        """Return 1 where a carriage return belongs to the line feed found."""
        return int(found > self._at and self._buffer[found - 1] == ord("\r"))

    def _is_incomplete(self, found: int) -> bool:
        """Return whether the line after a line feed may go on in the next piece, and there is one."""
        if self._ended or self._buffer.find(b"\n", found + 1) >= 0:
            return False
        return len(self._buffer) - found < _BOUNDARY_LINE

    def _stop_at(self, found: int, boundaries: Sequence[bytes]) -> Stop | None:
        """Return the stop where the line after a line feed is a boundary."""
        end = self._buffer.find(b"\n", found + 1)
        line = self._buffer[found + 1 : end + 1 if end >= 0 else None]
        return _known(boundaries, line, self._buffer[found - self._before(found) : found + 1])

    def _fill(self) -> bool:
        """Read one more piece; return False at the end of the mail."""
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._seen.update(piece)
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return True


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the mail in even pieces; where its lines end with carriage returns alone, those are mended."""
    bare: bool | None = None
    for piece in _even(chunks):
        if bare is None:
            bare = b"\r" in piece and b"\n" not in piece
        yield piece.replace(b"\r", b"\n") if bare else piece


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of 64 KiB, the last one shorter."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            waiting.append(chunk[start : start + _PIECE])
            size += len(waiting[-1])
            if size >= _PIECE:
                joined = b"".join(waiting)
                yield joined[:_PIECE]
                waiting, size = [joined[_PIECE:]], len(joined) - _PIECE
    if size:
        yield b"".join(waiting)


def _known(boundaries: Sequence[bytes], line: bytes, before: bytes) -> Stop | None:
    """Return the stop that a line is, the innermost boundary first (RFC 2046 section 5.1.2)."""
    text = line[2:].rstrip(b" \t\r\n") if len(line) <= _BOUNDARY_LINE else b""
    for level in range(len(boundaries) - 1, -1, -1):
        if text.startswith(boundaries[level]):
            rest = text[len(boundaries[level]) :]
            if rest in (b"", b"--"):
                return Stop(level, closes=rest == b"--", line=before + line)
    return None
