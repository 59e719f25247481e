"""Rich text as Outlook puts it into winmail.dat: compressed (MS-OXRTFCP), and with HTML inside (MS-OXRTFEX)."""

import re
from dataclasses import dataclass, field
from itertools import islice

from mailgateway.parsers.charset import codec_named

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_HEADER = 16
_MAX_OUTPUT = 512 * 1024
_MAX_TOKENS = 150_000
_MAX_GROUPS = 200
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SIGNS = {"par": "\n", "line": "\n", "tab": "\t", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c"}
_SIGNS |= {"rdblquote": "\u201d", "bullet": "\u2022", "endash": "\u2013", "emdash": "\u2014", "cell": "\t", "row": "\n"}
_UNSHOWN = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable", "generator"}
)


def decompressed(octets: bytes) -> bytes:
    """Return the rich text of a compressed stream, at most 512 KiB; b"" where it is none."""
    kind = octets[8:12]
    size = min(int.from_bytes(octets[4:8], "little"), _MAX_OUTPUT)
    if kind == b"MELA":
        return octets[_HEADER : _HEADER + size]
    return _unpacked(octets, size) if kind == b"LZFu" else b""


def _unpacked(octets: bytes, size: int) -> bytes:
    """Undo the compression: a window of 4,096 octets that begins with a dictionary (MS-OXRTFCP section 2.1.3)."""
    out = bytearray(_DICTIONARY)
    at = _HEADER
    end = len(_DICTIONARY) + size
    while at < len(octets) and len(out) < end:
        control = octets[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += octets[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(octets[at : at + 2], "big")
            at += 2
            back = (len(out) - (reference >> 4)) % _WINDOW or _WINDOW
            if back == _WINDOW or at > len(octets):  # A reference to the writing position ends the stream
                return bytes(out[len(_DICTIONARY) : end])
            _copy(out, back, (reference & 0xF) + 2)
    return bytes(out[len(_DICTIONARY) : end])


def _copy(out: bytearray, back: int, count: int) -> None:
    """Repeat octets from so far back, which may be among those being written."""
    start = len(out) - back
    if start >= 0 and count <= back:
        out += out[start : start + count]
        return
    for at in range(start, start + count):
        out.append(out[at] if at >= 0 else 0x20)


@dataclass(slots=True)
class _Group:
    """What a group of the rich text inherits and changes."""

    shown: bool = True
    tag: bool = False
    rtf_only: bool = False
    skip: int = 1


@dataclass(slots=True)
class _Reader:
    """Takes the tokens of rich text; gives its text, or the markup inside."""

    codec: str
    markup: bool
    out: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    octets: bytearray = field(default_factory=bytearray)
    skipped: int = 0

    def put(self, text: str) -> None:
        """Add text where the group is shown."""
        self.flush()
        group = self.groups[-1]
        if group.shown and not (self.markup and group.rtf_only):
            self.out.append(text)

    def flush(self) -> None:
        """Add the octets that were given one by one: a character may have several."""
        if self.octets:
            text = self.octets.decode(self.codec, "replace")
            self.octets.clear()
            self.put(text)

    def brace(self, sign: str) -> None:
        """Open or close a group."""
        self.flush()
        last = self.groups[-1]
        if sign == "{" and len(self.groups) < _MAX_GROUPS:
            self.groups.append(_Group(last.shown, last.tag, last.rtf_only, last.skip))
        elif sign == "}" and len(self.groups) > 1:
            self.groups.pop()

    def word(self, word: str, number: str | None) -> None:
        """Take a control word."""
        group = self.groups[-1]
        if word == "u" and number:
            self.put(chr(int(number) % 0x10000))
            self.skipped = group.skip
        elif word == "uc":
            group.skip = min(int(number or 1), 4)
        elif word == "htmltag":
            group.shown = group.tag = self.markup
        elif word == "htmlrtf":
            self.flush()
            group.rtf_only = number != "0"
        elif word in _UNSHOWN:
            group.shown = False
        elif word in _SIGNS:
            self.put(_SIGNS[word])

    def octet(self, digits: str) -> None:
        """Take an octet in the text's code page; those that stand for a character given before are passed over."""
        if self.skipped > 0:
            self.skipped -= 1
        else:
            self.octets.append(int(digits, 16))

    def sign(self, sign: str) -> None:
        """Take a control symbol."""
        if sign == "*":  # What is not known is not shown
            self.flush()
            self.groups[-1].shown = False
        elif sign in "\\{}":
            self.put(sign)
        elif sign == "~":
            self.put(" ")
        elif sign in "\r\n":
            self.put("\n")

    def plain(self, text: str) -> None:
        """Take plain text."""
        cut = min(self.skipped, len(text))
        self.skipped -= cut
        self.put(text[cut:])


def rtf_text(octets: bytes) -> tuple[str, bool]:
    """Return the text of rich text and whether it is HTML; ("", False) where it is none. Never fails."""
    if not octets.startswith(b"{\\rtf"):
        return "", False
    text = octets.decode("latin-1")
    page = re.search(r"\\ansicpg(\d{3,5})", text[:1000])
    markup = "\\fromhtml" in text[:2000]
    named = {"65001": "utf-8", "10000": "mac-roman"}.get(page[1], f"cp{page[1]}") if page else ""
    reader = _Reader(codec_named(named) or "cp1252", markup)
    for token in islice(_TOKEN.finditer(text), _MAX_TOKENS):
        word, number, digits, sign, brace, plain = token.groups()
        if word:
            reader.word(word, number)
        elif digits:
            reader.octet(digits)
        elif sign:
            reader.sign(sign)
        elif brace:
            reader.brace(brace)
        elif plain:
            reader.plain(plain)
    reader.flush()
    return "".join(reader.out), markup
