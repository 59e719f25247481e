"""Header fields to values: decoding, unfolding, parameters, addresses, dates.

Structure is parsed before words are decoded, so that a decoded comma, angle bracket or line end never becomes syntax.
Addresses and dates are mail-parser's; what it gives up on is read leniently here.
"""

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.errors import MessageError
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from mailgateway.model.message import Address
from mailgateway.parsers.charset import clean, decode_text

# What mail-parser and the standard library raise on hostile header fields; seen in the wild or in fuzzing.
FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    MessageError,
)

# Every component stops at a delimiter that begins no other: linear on any input.
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")
_OFFSET = re.compile(r"([+-])(\d\d)([0-5]\d)(?:\D*)$")
_ANGLE = re.compile(r"<([^<>]*)>")
# Begins where a word begins, so that a long word without an "@" is looked through once and not from each character.
_ADDRESS = re.compile(r"(?<![^\s<>(),;:\"\[\]@])[^\s<>(),;:\"\[\]@]+@[^\s<>(),;:\"\[\]]+")
_BASE64_ALPHABET = re.compile(r"[^A-Za-z0-9+/]")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_BREAKS = dict.fromkeys(map(ord, "\n\t\x85\u2028\u2029"), " ")
_MAX_PARAMETERS = 100


def unfolded(raw: str) -> str:
    """Return a field body on one line (RFC 5322 section 2.2.3), with raw 8-bit octets decoded.

    Args:
        raw: As the standard library's parser gives it: ASCII, other octets as surrogate escapes.
    """
    if not raw.isascii():
        raw = decode_text(raw.encode("utf-8", "surrogateescape"), "")[0]
    return _one_line(raw)


def decode_words(line: str) -> str:
    """Return a line with its encoded words decoded (RFC 2047), still on one line.

    Adjacent words of one charset are joined before they are decoded, since senders split characters between them.
    Words with wrong padding or raw octets are read as far as possible.
    """
    if "=?" not in line:
        return line
    return _one_line("".join(_pieces(line)))


def decoded(raw: str) -> str:
    """Return an unstructured field body as readable text: unfolded, decoded, on one line, stripped."""
    return decode_words(unfolded(raw))


def parameters(raw: str) -> tuple[str, dict[str, str]]:
    """Return the value of a structured field in lower case, and its parameters by name in lower case.

    Continuations and charsets (RFC 2231) and encoded words in values (forbidden, and common) are decoded. Of a doubled
    parameter the first counts. At most 100 parameters.
    """
    pieces = _split(unfolded(raw))
    value = next(pieces, "").strip().lower()
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece, _ in zip(pieces, range(_MAX_PARAMETERS), strict=False):
        name, equals, text = piece.partition("=")
        if not equals:
            continue
        name, text = name.strip().lower(), _unquoted(text.strip())
        if "*" in name:
            _take_section(sections, name, text)
        else:
            plain.setdefault(name, text if name == "boundary" else decode_words(text))
    for name, by_number in sections.items():
        plain[name] = _joined(by_number)
    return value, plain


_LOCAL_AND_DOMAIN = (
    r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)+"
)
_USUAL_CHARS = 200
_USUAL = re.compile(rf"(?:([A-Za-z0-9]+(?: [A-Za-z0-9]+)*) )?<({_LOCAL_AND_DOMAIN})>|({_LOCAL_AND_DOMAIN})")
"""One plain address: most mails have no other, and this reads it in a tenth of the time; the rest is mail-parser's."""


def addresses(raw: str, limit: int = 500) -> tuple[Address, ...]:
    """Return the mailboxes of an address field, groups included, in order; () where it names none.

    Args:
        raw: The field body as `unfolded` takes it.
        limit: At most so many.
    """
    line = unfolded(raw)
    if not line:
        return ()
    usual = _USUAL.fullmatch(line) if len(line) <= _USUAL_CHARS else None
    if usual:
        return (_address(usual[1] or "", usual[2] or usual[3]),)
    try:
        diagnostics: list[object] = []
        found = get_addresses(line, defects=diagnostics, decode_names=True)
    except FAULTS:
        return _lenient(line)
    named = tuple(_address(name, address) for name, address in found[:limit] if address)
    if not named:
        return _lenient(line)
    if diagnostics and len(named) == 1:
        return (_with_split_name(line, named[0]),)
    return named


def date(raw: str) -> datetime | None:
    """Return a date-time field (RFC 5322 section 3.3) as an aware time in its own offset, None where unreadable.

    A time at the end of the calendar that has no UTC is unreadable as well.
    """
    moment = _moment(unfolded(raw))
    return moment if moment and _in_offset(moment, 0) is not None else None


def _moment(line: str) -> datetime | None:
    try:
        moment: datetime | None = parse_mail_date(line).value
    except FAULTS:
        moment = None
    if moment is None:
        return _lenient_date(line)
    offset = _OFFSET.search(line.partition("(")[0].rstrip())
    if offset is None:
        return moment
    minutes = int(offset[2]) * 60 + int(offset[3])
    return _in_offset(moment, -minutes if offset[1] == "-" else minutes) or moment


def _one_line(text: str) -> str:
    """Take out folding exactly (RFC 5322 section 2.2.3); every other line end or tab becomes a space."""
    if not (text.isascii() and text.isprintable()):
        text = clean(_FOLD.sub("", text)).translate(_BREAKS)
    return text.strip()


def _pieces(line: str) -> Iterator[str]:
    """Yield decoded text; white space between adjacent encoded words is dropped (RFC 2047 section 6.2)."""
    end = 0
    charset, waiting = "", b""
    for word in _ENCODED_WORD.finditer(line):
        between = line[end : word.start()]
        name = word[1].partition("*")[0].lower()  # RFC 2231 section 5: a language after "*"
        if waiting and (between.strip() or name != charset):
            yield decode_text(waiting, charset)[0]
            waiting = b""
        if between.strip() or not end:
            yield between
        charset = name
        waiting += _word_octets(word[2], word[3])
        end = word.end()
    if waiting:
        yield decode_text(waiting, charset)[0]
    yield line[end:]


def _word_octets(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return a2b_qp(octets, header=True)
    letters = _BASE64_ALPHABET.sub("", text)
    usable = len(letters) - (len(letters) % 4 == 1)
    return b64decode(letters[:usable] + "=" * (-usable % 4))


def _split(line: str) -> Iterator[str]:
    """Yield the pieces between semicolons outside quoted strings."""
    start, quoted, escaped = 0, False, False
    for position, char in enumerate(line):
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            yield line[start:position]
            start = position + 1
    yield line[start:]


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    inner = text[1:-1] if text.endswith('"') and len(text) > 1 else text[1:]
    # A backslash before another character than these is a Windows path, not an escape.
    return inner.replace('\\"', '"').replace("\\\\", "\\")


def _take_section(sections: dict[str, dict[int, tuple[str, bool]]], name: str, text: str) -> None:
    """Take one `name*`, `name*0` or `name*0*` (RFC 2231 sections 3 and 4)."""
    base, _, rest = name.partition("*")
    number = rest.rstrip("*")
    if number and not (number.isascii() and number.isdigit() and len(number) <= 4):  # noqa: PLR2004 - no such sections
        return
    sections.setdefault(base, {}).setdefault(int(number or 0), (text, rest == "" or rest.endswith("*")))


def _joined(by_number: dict[int, tuple[str, bool]]) -> str:
    charset = ""
    octets = b""
    for place, (_, (text, encoded)) in enumerate(sorted(by_number.items())):
        if encoded and place == 0 and text.count("'") >= 2:  # noqa: PLR2004 - charset'language'text
            charset, _, text = text.split("'", 2)  # noqa: PLW2901 - what is left of it is the text
        octets += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return _one_line(decode_text(octets, charset)[0])


def _address(name: str, address: str) -> Address:
    local, at, domain = "".join(_one_line(address).split()).rpartition("@")
    return Address(name=decode_words(_one_line(name)), address=f"{local}@{domain.lower()}" if at else domain)


def _lenient(line: str) -> tuple[Address, ...]:
    """Read a field that has no valid mailbox: the last angle brackets, else the first word with an "@"."""
    angles = _ANGLE.findall(line)
    inner = angles[-1].strip() if angles else ""
    found = _ADDRESS.search(inner or line)
    address = found[0] if found else inner
    if not address and line.isascii() and line.replace(".", "").replace("-", "").isalnum():
        address = line  # A local part alone: root, cron
    if not address:
        name = decode_words(line.strip('"<>; '))
        return (Address(name=name, address=""),) if name and ":" not in name else ()
    name = line.partition(address)[0].strip(' "<\t(:')
    return (_address(decode_words(name), address),)


def _with_split_name(line: str, address: Address) -> Address:
    """Give a mailbox the whole display name back where an unquoted comma split it (`Smith, Anna <a@b>`)."""
    before, angle, _ = line.partition("<")
    if not angle or "@" in before or ":" in before or ";" in before:
        return address
    return Address(name=_one_line(decode_words(before.replace('"', "").strip())), address=address.address)


def _lenient_date(line: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(line[:100])
    except FAULTS:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _in_offset(moment: datetime, minutes: int) -> datetime | None:
    try:
        return moment.astimezone(timezone(timedelta(minutes=minutes)))
    except FAULTS:
        return None
