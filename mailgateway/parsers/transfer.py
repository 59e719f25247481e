"""Content-Transfer-Encoding (RFC 2045 section 6): octets of a part as they were before it was sent.

One decoder for whole parts and for streams, so that both ways of reading a mail see the same content.
"""

from binascii import a2b_base64, a2b_qp
from collections.abc import Iterable, Iterator

from mailgateway.parsers.uuencode import decoded_line

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_MAX_LINE = 64 * 1024
_UUENCODE = frozenset({"uuencode", "x-uuencode", "uue", "x-uue"})


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """Return the content of a part; never fails, bad base64 characters are skipped.

    Args:
        raw: The encoded body.
        encoding: In lower case; anything but base64, quoted-printable and uuencode is returned as it is.
    """
    return b"".join(decoded_chunks((raw,), encoding))


def decoded_chunks(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the content of a part piece by piece, holding back at most one line (64 KiB) of it."""
    if encoding == "base64":
        return _base64(chunks)
    if encoding == "quoted-printable":
        return _quoted_printable(chunks)
    return _uuencoded(chunks) if encoding in _UUENCODE else iter(chunks)


def _base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        letters = rest + chunk.translate(None, _NOT_BASE64)
        end = letters.find(b"=")
        if end >= 0:  # RFC 2045 section 6.8: padding ends the data
            yield _quads(letters[:end])
            for _ in chunks:  # The stream is read to its end all the same
                pass
            return
        usable = len(letters) & ~3
        rest = letters[usable:]
        yield a2b_base64(letters[:usable])
    yield _quads(rest)


def _quads(letters: bytes) -> bytes:
    """Decode the end of the data: missing padding is put back, a single left-over character carries nothing."""
    usable = len(letters) - (len(letters) % 4 == 1)
    return a2b_base64(letters[:usable] + b"=" * (-usable % 4))


def _quoted_printable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        lines = rest + chunk
        end = lines.rfind(b"\n") + 1
        if not end and len(lines) > _MAX_LINE:
            end = len(lines) - len(lines[-3:].partition(b"=")[1] and lines[-3:])
        rest = lines[end:]
        yield a2b_qp(lines[:end])
    yield a2b_qp(rest)


def _uuencoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decode the lines between "begin" and "end"; what is no uuencoded file is passed on as it is."""
    rest = b""
    begun = False
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if len(rest) > _MAX_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            begun = begun or line.startswith(b"begin ")
            yield _uu_line(line + b"\n", begun=begun)
    yield _uu_line(rest, begun=begun)


def _uu_line(line: bytes, *, begun: bool) -> bytes:
    if not begun:
        return line
    text = line.decode("latin-1").rstrip("\r\n")
    return b"" if text == "end" or text.startswith("begin ") else decoded_line(text) or b""
