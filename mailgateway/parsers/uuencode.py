"""Files that stand uuencoded in a text (POSIX uuencode): they become attachments and leave the text."""

import re
from binascii import Error, a2b_uu
from dataclasses import dataclass

_BEGIN = re.compile(r"^begin [0-7]{3,4} (\S[^\n]{0,300})$", re.MULTILINE)
_MAX_FILES = 50
_LENGTH_OF = 45  # Octets a full line holds
_ZERO = (" ", "`")


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file that stood in a text.

    Attributes:
        name: As the sender wrote it.
        content: Its octets.
        whole: Whether its end was there.
    """

    name: str
    content: bytes
    whole: bool


def encoded_files(text: str) -> tuple[str, tuple[EncodedFile, ...]]:
    """Return a text without the uuencoded files in it, and the files, at most 50.

    A line that only looks like the beginning of one stays, as does yEnc.

    Args:
        text: With line feeds as line ends.
    """
    if "begin " not in text:
        return text, ()
    kept: list[str] = []
    files: list[EncodedFile] = []
    at = 0
    while len(files) < _MAX_FILES and (begin := _BEGIN.search(text, at)):
        content, end, whole = _content(text, begin.end() + 1)
        kept.append(text[at : begin.start() if content else begin.end()])
        at = end if content else begin.end()
        if content:
            files.append(EncodedFile(begin[1].strip(), content, whole))
    return "".join((*kept, text[at:])), tuple(files)


def _content(text: str, at: int) -> tuple[bytes, int, bool]:
    """Return the octets of the lines from `at` on, where they end, and whether the end is marked."""
    octets: list[bytes] = []
    while at < len(text):
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        line = text[at:end] if end - at <= 2 * _LENGTH_OF else ""
        if line.strip() == "end":
            return b"".join(octets), min(end + 1, len(text)), True
        decoded = decoded_line(line)
        if decoded is None:
            break
        octets.append(decoded)
        at = min(end + 1, len(text))
    return b"".join(octets), at, False


def decoded_line(line: str) -> bytes | None:
    """Return the octets of a line, None where it is none of such a file."""
    if not line or line in _ZERO:
        return b""
    size = (ord(line[0]) - 32) & 63
    wanted = (size + 2) // 3 * 4
    if not " " <= line[0] <= "`" or len(line) - 1 > wanted + 4 or len(line.rstrip()) - 1 < wanted - 30:
        return None
    try:
        return a2b_uu(line[: wanted + 1].encode("ascii"))
    except (Error, UnicodeEncodeError):
        return None
