"""Header fields as they stand in a mail: ASCII, folded, whatever the values hold.

Every function returns one whole field with its line end, or "" where nothing is left to say. No value can end a
field: all go through `one_line` or a pattern that has no white space.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence

from mailgateway.compose.lines import one_line
from mailgateway.model.message import Address

LINE = 76
"""Octets of a header line that is folded (RFC 2047 section 2 for lines with encoded words)."""
MAX_TEXT = 500
"""Characters of an unstructured value."""
MAX_NAME = 120
"""Characters of a display name."""
MAX_ID = 500
"""Octets of a message id: longer ones could break the limit of 998 octets a line (RFC 5322 section 2.1.1)."""

# Also the longest word that is left as it is, so that the first word always fits on the line of the field's name.
_WORD = 60
_Q_ROOM = _WORD - len("=?utf-8?q??=")
_B_ROOM = _Q_ROOM // 4 * 3
# RFC 2047 section 5 (3): what may stand for itself in an encoded word of a phrase, and so anywhere.
_SELF = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = tuple("_" if octet == ord(" ") else chr(octet) if octet in _SELF else f"={octet:02X}" for octet in range(256))
_PLAIN = re.compile(rf"(?!.*=\?)[!-~]{{1,{_WORD}}}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*")
# No quotes, backslashes or brackets: programs differ in how they take them off.
_PLAIN_VALUE = re.compile(rf"[A-Za-z0-9 ._+()=,-]{{1,{_WORD}}}")
_ID = re.compile(rf"[!-;=?-~]{{1,{MAX_ID}}}")
# RFC 2231 section 7 attribute-char.
_ATTRIBUTE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~")


def text_field(name: str, text: str) -> str:
    """Return an unstructured field such as Subject (RFC 5322 section 2.2.1, RFC 2047).

    Words that are printable ASCII stay readable: only the span from the first to the last other word is encoded.
    """
    return folded(name, _encoded_span(one_line(text, MAX_TEXT).split(" ")))


def address_field(name: str, addresses: Sequence[Address]) -> str:
    """Return From, To, Cc or Reply-To; addresses must have passed `addresses.deliverable`."""
    words: list[str] = []
    for address in addresses:
        display = _phrase(one_line(address.name, MAX_NAME))
        words += [*display, f"<{address.address}>,"] if display else [f"{address.address},"]
    if words:
        words[-1] = words[-1][:-1]
    return folded(name, words)


def id_field(name: str, ids: Iterable[str]) -> str:
    """Return Message-ID, In-Reply-To or References; ids that could not stand there are left out."""
    return folded(name, [f"<{known}>" for known in ids if _ID.fullmatch(known)])


def parameter(name: str, value: str) -> str:
    """Return `; name="value"` for Content-Type and Content-Disposition, each piece on a line of its own.

    RFC 2231 sections 3 and 4: anything but short printable ASCII is UTF-8 with percents, cut into continuations.
    """
    line = one_line(value, MAX_NAME)
    if _PLAIN_VALUE.fullmatch(line):
        return f';\r\n {name}="{line}"'
    escaped = [chr(octet) if octet in _ATTRIBUTE else f"%{octet:02X}" for octet in line.encode()]
    pieces = list(_grouped(escaped, _WORD - len(name)))
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    first = f";\r\n {name}*0*=utf-8''{pieces[0]}"
    return first + "".join(f";\r\n {name}*{number}*={piece}" for number, piece in enumerate(pieces[1:], 1))


def folded(name: str, words: Sequence[str]) -> str:
    """Return a field of words that must not be broken, folded between them at LINE (RFC 5322 section 2.2.3)."""
    if not words or words == [""]:
        return ""
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > LINE:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def _encoded_span(words: list[str]) -> list[str]:
    strange = [index for index, word in enumerate(words) if word and not _PLAIN.fullmatch(word)]
    if not strange:
        return words
    first, last = strange[0], strange[-1] + 1
    return [*words[:first], *_encoded_words(" ".join(words[first:last])), *words[last:]]


def _phrase(name: str) -> list[str]:
    if not name:
        return []
    if not _PLAIN.fullmatch(name.replace(" ", "_")):
        return _encoded_words(name)
    return [name] if _ATOMS.fullmatch(name) else [_quoted(name)]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded_words(text: str) -> list[str]:
    # The shorter of the two encodings (RFC 2047 section 4).
    octets = text.encode()
    if sum(len(_Q[octet]) for octet in octets) <= (len(octets) + 2) // 3 * 4:
        quoted = [[_q(character) for character in word] for word in _words(text)]
        return [f"=?utf-8?q?{chunk}?=" for chunk in _grouped(_whole_words(quoted, _Q_ROOM), _Q_ROOM)]
    plain = [[character.encode().decode("latin-1") for character in word] for word in _words(text)]
    chunks = _grouped(_whole_words(plain, _B_ROOM), _B_ROOM)
    return [f"=?utf-8?b?{b64encode(chunk.encode('latin-1')).decode()}?=" for chunk in chunks]


def _q(character: str) -> str:
    return "".join(_Q[octet] for octet in character.encode())


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split(" ")[:-1]] + [text.rpartition(" ")[2]]


def _whole_words(words: Iterable[Sequence[str]], room: int) -> Iterable[str]:
    """Yield each word in one piece where there is room for it, else its characters.

    A character is never cut (RFC 2047 section 5). Words are kept because some programs (Python before 3.13) leave a
    space between two encoded words of a display name: there it does less harm than inside a word.
    """
    for word in words:
        whole = "".join(word)
        yield from (whole,) if len(whole) <= room else word


def _grouped(pieces: Iterable[str], room: int) -> Iterable[str]:
    group = ""
    for piece in pieces:
        if len(group) + len(piece) > room:
            yield group
            group = ""
        group += piece
    yield group
